// What one request does: the mean request as an icicle and as a table of calls. In: the tree of the answer.

import { useMemo, useState } from 'preact/hooks';
import type { CallNode, EndpointAnswer } from '../../answer/api.ts';
import { formatCount, formatDuration, formatRate, formatSignedDuration } from '../../base/numbers.ts';
import { CATEGORIES, CategoryIndex } from '../../model/category.ts';
import {
  callBlocks,
  callRows,
  isLeaf,
  type CallBlock,
  type CallRow,
  type CallView,
} from '../canvas/call-rows.ts';
import { StackBar } from '../parts/stack-bar.tsx';
import { Duration, Segmented, Swatch } from '../parts/text.tsx';
import type { Finding } from '../../model/finding.ts';
import { linkTo } from '../state/address.ts';
import { findingPath, isAbout, kindName, withoutColumn } from '../state/finding-words.ts';
import { shortStatement } from '../../base/statement.ts';

const VIEWS = [
  { value: 'all', name: 'All' },
  { value: 'difference', name: 'Slow − typical' },
] as const;

/** More calls of one kind in one request are bold: they could be one. */
const REPEATED = 1.5;

interface CallTreeProps {
  readonly answer: EndpointAnswer;
  /** Of this endpoint: their calls have a chip. */
  readonly findings: readonly Finding[];
}

export function CallTree({ answer, findings }: CallTreeProps) {
  const [view, setView] = useState<'all' | 'difference'>('all');
  const rows = useMemo(() => callRows(answer.tree, view), [answer.tree, view]);
  const [top, setTop] = useState(0);
  const { all, typical, slow } = answer.treeRequests;
  const basis =
    view === 'all'
      ? `mean of ${formatCount(all)} request${all === 1 ? '' : 's'}`
      : `${formatCount(slow)} slow against ${formatCount(typical)} typical`;
  return (
    <section class="card calls" aria-labelledby="calls-title">
      <header>
        <h2 id="calls-title">What one request does</h2>
        <span class="muted">{basis}, width is time</span>
        <span class="space" />
        <Segmented
          label="Which requests"
          choices={VIEWS}
          value={view}
          onChoose={(value) => (setTop(0), setView(value))}
        />
      </header>
      <Icicle rows={rows} top={Math.min(top, rows.length - 1)} view={view} onOpen={setTop} />
      <CallTable rows={rows} view={view} findings={findings} />
    </section>
  );
}

interface IcicleProps {
  readonly rows: readonly CallRow[];
  readonly top: number;
  readonly view: CallView;
  readonly onOpen: (row: number) => void;
}

function Icicle({ rows, top, view, onOpen }: IcicleProps) {
  const blocks = useMemo(() => callBlocks(rows, top), [rows, top]);
  const levels = [0, 1, 2, 3].filter((level) => blocks.some((block) => block.level === level));
  if (blocks.length === 0)
    return (
      <p class="card-note">
        {view === 'all' ? 'There is nothing below this.' : 'Slow requests do nothing longer here.'}
      </p>
    );
  return (
    <div class="icicle" aria-hidden="true">
      {levels.map((level) => (
        <div class="level" key={level}>
          {blocks
            .filter((block) => block.level === level)
            .map((block) => (
              <Block
                key={`${block.row} ${block.category}`}
                block={block}
                rows={rows}
                top={top}
                onOpen={onOpen}
              />
            ))}
        </div>
      ))}
    </div>
  );
}

interface BlockProps extends Omit<IcicleProps, 'view'> {
  readonly block: CallBlock;
}

const STRIPED = ['loop', 'pool', 'conn'];

/** The table below is its alternative, with the same links by keyboard. */
function Block({ block, rows, top, onOpen }: BlockProps) {
  const row = rows[block.row];
  if (row === undefined) return null;
  const style = { left: `${block.x * 100}%`, width: `calc(${block.width * 100}% - 2px)` };
  const text = blockText(block, row);
  const title = `${text} ${formatDuration(Math.round(block.us))}`;
  const isOpen = block.category === undefined && !isLeaf(rows, block.row);
  const category = block.category ?? (isOpen ? undefined : row.node.category);
  const open = () => onOpen(block.row === top ? Math.max(0, row.parent) : block.row);
  const hasRoom = block.width > 0.035;
  return (
    <div
      class={category === undefined ? 'block is-request' : `block k-${category}`}
      style={category === undefined ? style : { ...style, color: `var(--on-${category})` }}
      title={title}
      onClick={isOpen ? open : undefined}
    >
      {hasRoom && (
        <span class={category !== undefined && STRIPED.includes(category) ? 'plate' : ''}>
          {text} {isOpen && <em>{formatDuration(Math.round(block.us))}</em>}
        </span>
      )}
    </div>
  );
}

function blockText({ category }: CallBlock, row: CallRow): string {
  if (category !== undefined && category === 'http' && row.callee) return 'network';
  if (category !== undefined && category !== row.node.category)
    return (CATEGORIES[CategoryIndex[category]]?.name ?? '').toLowerCase();
  const times = row.calls > REPEATED ? `× ${formatRate(row.calls)}  ` : '';
  return times + nameOf(row);
}

function nameOf({ node, callee }: CallRow): string {
  return shortStatement((callee ?? node).name) || node.dependency;
}

interface TableProps {
  readonly rows: readonly CallRow[];
  readonly view: CallView;
  readonly findings: readonly Finding[];
}

function CallTable({ rows, view, findings }: TableProps) {
  const max = Math.max(1, rows[0]?.us ?? 1);
  const isDifference = view === 'difference';
  return (
    <table class="table compact call-table">
      <thead>
        <tr>
          <th scope="col">Operation</th>
          <th scope="col" class="numeric">
            <abbr title="Per request">Calls</abbr>
          </th>
          <th scope="col" class="numeric" aria-sort="descending">
            <abbr title="Per request, with everything below it">Time ↓</abbr>
          </th>
          <th scope="col" class="column-bar">
            Wait and wire
          </th>
          <th scope="col" class="numeric column-call">
            p95 per call
          </th>
          <th scope="col" class="column-site">
            Call site
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row, index) => (
          <tr key={index}>
            <td>
              <OperationName row={row} hasTwisty={!isLeaf(rows, index)} findings={findings} />
            </td>
            <td class={`numeric ${row.calls > REPEATED ? 'strong' : 'muted'}`}>
              {callsText(row.calls, isDifference)}
            </td>
            <td class="numeric strong">
              {isDifference ? formatSignedDuration(row.us) : <Duration us={Math.round(row.us)} />}
            </td>
            <td class="column-bar">
              <StackBar parts={row.self.map((us) => Math.max(0, us))} max={max} />
            </td>
            <td class="numeric column-call">
              <Duration us={row.node.p95Us} missing="Too few calls in the sample: p95 needs 100" />
            </td>
            <td class="mono muted column-site" title={row.node.callSite}>
              <CallSite node={row.node} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function callsText(calls: number, isDifference: boolean): string {
  if (isDifference)
    return Math.abs(calls) < 0.005 ? '0' : `${calls > 0 ? '+' : '−'}${formatRate(Math.abs(calls))}`;
  return Math.abs(calls - 1) < 0.001 ? '1' : formatRate(calls);
}

interface NameProps {
  readonly row: CallRow;
  readonly hasTwisty: boolean;
  readonly findings: readonly Finding[];
}

function OperationName({ row, hasTwisty, findings }: NameProps) {
  const { node, callee, depth } = row;
  const finding = findings.find((each) => isAbout(each, { ...node, statement: node.name }));
  return (
    <span class="operation" style={{ paddingLeft: `${depth * 16}px` }}>
      {hasTwisty ? <i class="twisty-mark" aria-hidden="true" /> : <Swatch category={node.category} />}
      <span class="mono ellipsis" title={(callee ?? node).name}>
        {nameOf(row)}
      </span>
      {(callee ?? (depth === 0 ? node : undefined)) && <span class="chip">{(callee ?? node).service}</span>}
      {finding && (
        <a class="chip good" href={linkTo(findingPath(finding.id))} title={finding.title}>
          {kindName(finding)}
        </a>
      )}
      {node.isParallel && (
        <span class="chip" title="The request was waiting for something else most of that time">
          in parallel
        </span>
      )}
    </span>
  );
}

/** The file and line; the whole place is in the title. */
function CallSite({ node }: { readonly node: CallNode }) {
  return withoutColumn(/[^/\\]+$/.exec(node.callSite)?.[0] ?? '');
}
