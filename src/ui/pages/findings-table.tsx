// Findings as rows, or as cards on a phone. In: the findings of one list. Small ones are folded: `small=1` of the address shows them.

import type { FindingLine } from '../../answer/api.ts';
import type { FindingList } from '../../model/finding.ts';
import { formatCount, formatDuration, formatSignedShare } from '../../base/numbers.ts';
import {
  currentSort,
  nextSort,
  setSort,
  sorted,
  SortableHead,
  useCalmOrder,
  type Column,
} from '../parts/sortable.tsx';
import { Duration } from '../parts/text.tsx';
import { linkTo, open, query, setParameters } from '../state/address.ts';
import {
  CONFIDENCE_WORDS,
  findingPath,
  kindWords,
  placeOf,
  shortRoute,
  shownPercentile,
} from '../state/finding-words.ts';
import { useKeys } from '../state/keyboard.ts';
import { clock, fullTime } from '../state/range.ts';
import { openUnlessLink } from './home-endpoints.tsx';

/** Of all request time: below it a finding is folded. */
const SMALL_SHARE = 0.001;
/** Of the list by saving; the others are by their last change. */
const DEFAULT_SORT = { open: '-share', verifying: '-since', verified: '-since', ignored: '-since' } as const;

interface TableProps {
  readonly list: FindingList;
  readonly lines: readonly FindingLine[];
}

export function FindingsTable({ list, lines }: TableProps) {
  const columns = list === 'open' ? OPEN_COLUMNS : LIFE_COLUMNS;
  const sort = currentSort(columns, DEFAULT_SORT[list]);
  const order = useCalmOrder(
    sorted(lines, columns, sort),
    ({ id }) => id,
    `${list} ${sort.key} ${sort.isDescending}`,
  );
  useKeys({ o: () => setSort(nextSort(columns, sort)), ...openKeys(order.rows) });
  const showsSmall = list !== 'open' || query.value.get('small') === '1';
  const shown = order.rows.filter(({ share }) => showsSmall || share >= SMALL_SHARE);
  const hidden = order.rows.length - shown.length;
  const longestUs = Math.max(1, ...shown.map(({ effect }) => shownPercentile(effect).nowUs));
  return (
    <>
      <table class="table finding-table" {...order.hold}>
        <SortableHead columns={columns} sort={sort} />
        <tbody>
          {shown.map((line) => (
            <Line key={line.id} line={line} list={list} longestUs={longestUs} />
          ))}
        </tbody>
      </table>
      {hidden > 0 && (
        <button type="button" class="more" onClick={() => setParameters({ small: '1' })}>
          {formatCount(hidden)} smaller {hidden === 1 ? 'finding' : 'findings'}, less than 0.1% each
        </button>
      )}
    </>
  );
}

/** As on Home: 1 is the first. */
function openKeys(lines: readonly FindingLine[]) {
  return Object.fromEntries(
    lines.slice(0, 9).map(({ id }, index) => [String(index + 1), () => open(linkTo(findingPath(id)))]),
  );
}

const NOW_UNTIL_AFTER =
  'The 95th percentile of the requests of the endpoint that gains most, now and after the fix';

const WHAT: readonly Column<FindingLine>[] = [
  {
    key: 'share',
    name: 'Saves',
    className: 'numeric column-saves',
    explanation: 'Predicted share of all request time',
    by: ({ share }) => share,
  },
  { key: 'title', name: 'What', by: ({ title }) => title },
  { key: 'place', name: 'Where', className: 'column-place', by: ({ callSite }) => placeOf(callSite) },
];
const OPEN_COLUMNS: readonly Column<FindingLine>[] = [
  ...WHAT,
  { key: 'endpoint', name: 'Endpoint', className: 'column-endpoint', by: ({ effect }) => effect.route },
  {
    key: 'p95',
    name: 'p95 now → after',
    className: 'numeric column-after',
    explanation: NOW_UNTIL_AFTER,
    by: ({ effect }) => shownPercentile(effect).nowUs,
  },
  { key: 'bars', name: <span class="visually-hidden">Both as bars</span>, className: 'column-bars' },
  { key: 'sure', name: 'Sure', className: 'column-sure', by: ({ confidence }) => SURENESS[confidence] },
];
const LIFE_COLUMNS: readonly Column<FindingLine>[] = [
  ...WHAT,
  { key: 'endpoint', name: 'Endpoint', className: 'column-endpoint', by: ({ effect }) => effect.route },
  { key: 'state', name: 'How it went', className: 'column-state' },
  { key: 'since', name: 'Since', className: 'numeric column-since', by: ({ life }) => life.since },
];
const SURENESS = { low: 0, medium: 1, high: 2 } as const;

interface LineProps extends Omit<TableProps, 'lines'> {
  readonly line: FindingLine;
  readonly longestUs: number;
}

function Line({ line, list, longestUs }: LineProps) {
  const path = linkTo(findingPath(line.id));
  const { method, route } = line.effect;
  return (
    <tr class="is-link" data-row onClick={(event) => openUnlessLink(event, path)}>
      <td class="numeric column-saves">
        <b class="gain">{formatSignedShare(-line.share)}</b>
      </td>
      <td class="column-what">
        <a class="medium" href={path}>
          {line.title}
        </a>
        <span class="muted below">
          <StateChip line={line} /> {kindWords(line)}: {line.fix}
        </span>
      </td>
      <td class="mono column-place cut-start" title={line.callSite}>
        {line.callSite === '' ? <span class="muted">not seen</span> : <bdi>{placeOf(line.callSite)}</bdi>}
      </td>
      <td class="mono column-endpoint" title={`${line.effect.service} ${method} ${route}`}>
        {method} {shortRoute(route)}
      </td>
      {list === 'open' ? <Prediction line={line} longestUs={longestUs} /> : <Life line={line} />}
    </tr>
  );
}

/** In the list of open ones: what came back, or did not help. */
function StateChip({ line: { life } }: { readonly line: FindingLine }) {
  if (life.state === 'reopened') return <span class="chip warn">↻ reopened {clock(life.since)}</span>;
  if (life.state === 'no-change') return <span class="chip warn">▲ no change</span>;
  if (life.state === 'worse') return <span class="chip bad">✕ worse</span>;
  return null;
}

function Prediction({ line, longestUs }: Pick<LineProps, 'line' | 'longestUs'>) {
  const { name, nowUs, afterUs } = shownPercentile(line.effect);
  return (
    <>
      <td class="numeric column-after">
        {name !== 'p95' && <span class="muted">{name} </span>}
        {formatDuration(nowUs)} <span class="muted">→</span> <b>{formatDuration(afterUs)}</b>
      </td>
      <td class="column-bars">
        <span class="now-and-after" aria-hidden="true">
          <i style={{ width: `${(nowUs / longestUs) * 100}%` }} />
          <i class="after" style={{ width: `${(afterUs / longestUs) * 100}%` }} />
        </span>
      </td>
      <td class="muted column-sure" title={CONFIDENCE_WORDS[line.confidence]}>
        {line.confidence}
      </td>
    </>
  );
}

function Life({ line: { life } }: { readonly line: FindingLine }) {
  return (
    <>
      <td class="column-state">
        <HowItWent life={life} />
      </td>
      <td class="numeric muted column-since" title={fullTime(life.since)}>
        {clock(life.since)}
      </td>
    </>
  );
}

function HowItWent({ life }: Pick<FindingLine, 'life'>) {
  const { verification, history } = life;
  if (life.state === 'ignored') return history.at(-1)?.note || <span class="muted">without a reason</span>;
  if (verification === undefined) return null;
  const { before, predicted, measured, neededRequests } = verification;
  if (life.state === 'verifying')
    return `${formatCount(Math.min(measured.requests, neededRequests))} of ${formatCount(neededRequests)} requests`;
  return (
    <>
      p95 <Duration us={before.p95Us} missing="Too few requests" /> <span class="muted">→</span>{' '}
      <b>
        <Duration us={measured.p95Us} missing="Too few requests" />
      </b>
      <span class="muted">
        , predicted <Duration us={predicted.p95Us} missing="Too few requests" />
      </span>
    </>
  );
}
