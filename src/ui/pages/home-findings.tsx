// Make it faster: the first findings, by what they save. In: the home answer. A row opens its finding.
// Findings of a large recording come a moment after everything else: then they are asked for, and home is asked again.

import { useEffect } from 'preact/hooks';
import type { FindingRow, FindingRows, FindingsAnswer, HomeAnswer } from '../../answer/api.ts';
import { counted, formatDuration, formatSignedShare } from '../../base/numbers.ts';
import { CATEGORIES, CategoryIndex } from '../../model/category.ts';
import { nothingFound } from '../../model/nothing-found.ts';
import { useCalmOrder } from '../parts/sortable.tsx';
import { linkTo, open } from '../state/address.ts';
import { useAnswer } from '../state/answers.ts';
import { findingPath, kindWords, placeOf, shortRoute, shownPercentile } from '../state/finding-words.ts';
import { useKeys, type KeyActions } from '../state/keyboard.ts';
import { openFindings } from '../state/open-findings.ts';
import { currentRange } from '../state/range.ts';

/** One for each of the keys 1 to 6. */
const SHOWN = 6;

interface FindingsProps {
  readonly home: HomeAnswer;
  /** Asks home again, once there are findings. */
  readonly onReady: () => void;
}

export function Findings({ home, onReady }: FindingsProps) {
  const { findings } = home;
  useEffect(() => {
    if (findings !== undefined) openFindings.value = findings.rows.length;
  }, [findings]);
  return (
    <aside class="card findings" aria-labelledby="findings-title">
      <header>
        <h2 id="findings-title">Make it faster</h2>
        {findings !== undefined && hasUnsureBehind(findings.rows) && (
          <span
            class="muted"
            title="An unsure one stands as if it saved less: its place says what to try first"
          >
            by saving, surer ones first
          </span>
        )}
        {findings !== undefined && (
          <span class="muted count">{counted(findings.rows.length, 'finding')}</span>
        )}
      </header>
      {findings === undefined ? <Pending onReady={onReady} /> : <Rows home={home} findings={findings} />}
    </aside>
  );
}

/** Then the numbers do not fall from row to row, and somebody asks why. */
function hasUnsureBehind(rows: readonly FindingRow[]): boolean {
  return rows.slice(0, SHOWN).some(({ share }, index) => share > (rows[index - 1]?.share ?? share));
}

function Pending({ onReady }: { readonly onReady: () => void }) {
  const { value } = useAnswer<FindingsAnswer>(`/api/findings?range=${encodeURIComponent(currentRange())}`);
  useEffect(() => {
    if (value !== undefined) onReady();
  }, [value]);
  return <p class="note">Recalculating requests …</p>;
}

interface RowsProps {
  readonly home: HomeAnswer;
  readonly findings: FindingRows;
}

function Rows({ home, findings: { rows, togetherShare } }: RowsProps) {
  const order = useCalmOrder(rows, ({ id }) => id, 'share');
  const shown = order.rows.slice(0, SHOWN);
  const first = Math.max(...shown.map(({ share }) => share));
  useKeys(keysOf(shown), 'panel');
  if (rows.length === 0) return <NoFindings home={home} />;
  return (
    <>
      <ol {...order.hold}>
        {shown.map((row) => (
          <Row key={row.id} row={row} barShare={row.share / first} />
        ))}
      </ol>
      <footer>
        <span>
          <a class="link" href={linkTo('/findings')}>
            {rows.length === 1 ? 'Predicted' : `All ${rows.length} together`}
          </a>
          {rows.length > 1 && ', overlaps counted once'}
        </span>
        <b class="gain">{formatSignedShare(-togetherShare)}</b>
      </footer>
    </>
  );
}

/** Then the biggest kind of time is what can be looked at. */
function NoFindings({ home }: { readonly home: HomeAnswer }) {
  const { key } = home.categories.reduce((most, each) => (each.us > most.us ? each : most));
  const { name } = CATEGORIES[CategoryIndex[key]];
  return (
    <p class="note">
      {nothingFound(home.categories, home.coverage.ownCode)} Most of the time:{' '}
      <a class="link" href={linkTo('/', { q: `category:${key}` })}>
        {name}
      </a>
      .
    </p>
  );
}

function keysOf(rows: readonly FindingRow[]): KeyActions {
  return Object.fromEntries(rows.map((row, index) => [String(index + 1), () => open(pathOf(row))]));
}

function Row({ row, barShare }: { readonly row: FindingRow; readonly barShare: number }) {
  const { method, route } = row.effect;
  const { name, nowUs, afterUs } = shownPercentile(row.effect);
  return (
    <li>
      <a href={pathOf(row)} data-row title={row.fix}>
        <span class="head">
          <span class="title">{row.title}</span>
          <b class="gain">{formatSignedShare(-row.share)}</b>
        </span>
        <span class="facts">
          <span class="chip">{kindWords(row)}</span>
          <span class="ellipsis">
            {method} {shortRoute(route)}
          </span>{' '}
          <span class="nowrap">
            {name}{' '}
            <span class="ink-2">
              {formatDuration(nowUs)} → {formatDuration(afterUs)}
            </span>
          </span>
        </span>
        {row.callSite !== '' && (
          <code class="place cut-start">
            <bdi>{placeOf(row.callSite)}</bdi>
          </code>
        )}
        <span class="track" aria-hidden="true">
          <i style={{ width: `${Math.max(0, Math.min(1, barShare)) * 100}%` }} />
        </span>
      </a>
    </li>
  );
}

function pathOf({ id }: FindingRow): string {
  return linkTo(findingPath(id));
}
