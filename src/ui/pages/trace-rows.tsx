// Names of the rows in sight. In: the state of a trace page. Only about 40 of them exist at a time.

import { CATEGORIES } from '../../model/category.ts';
import { formatCount, formatDuration } from '../../base/numbers.ts';
import { hasChildren, isFold, lengthUs, membersOf, NodeKind } from '../canvas/rows.ts';
import { ROW_PX } from '../canvas/scene.ts';
import { Swatch } from '../parts/text.tsx';
import { shortStatement } from '../../base/statement.ts';
import type { TraceView } from '../state/trace-view.ts';
import { groupNames } from './trace-group.tsx';

/** Beyond both ends, so that a fast scroll does not show gaps. */
const SPARE_ROWS = 4;

export function Rows({ view }: { readonly view: TraceView }) {
  const { nodes } = view.rows.value;
  // Read once for all rows: each that read them by itself would be told of each change by itself.
  const isOpen = view.isOpen.value;
  const selected = view.selected.value;
  const criticalOnly = view.criticalOnly.value;
  const matchRows = view.matchRows.value;
  const first = Math.max(0, Math.floor(view.scrollTop.value / ROW_PX) - SPARE_ROWS);
  const last = Math.min(
    nodes.length,
    Math.ceil((view.scrollTop.value + view.height.value) / ROW_PX) + SPARE_ROWS,
  );
  // A row that scrolls out of sight becomes the one that comes in: making elements anew took most of a frame.
  const slots = Math.ceil(view.height.value / ROW_PX) + 2 * SPARE_ROWS + 1;
  // One place for all: rows that are placed each by themselves are layers of their own, which took more of a frame than their text.
  return (
    <div class="rows-in-sight" style={{ top: `${first * ROW_PX}px` }}>
      {Array.from({ length: Math.max(0, last - first) }, (_, index) => {
        const row = first + index;
        const node = nodes[row] ?? 0;
        return (
          <Row
            key={row % slots}
            view={view}
            node={node}
            isOpen={isOpen[node] === 1}
            isSelected={node === selected}
            isFaded={criticalOnly && view.path.isOn[node] === 0}
            isMatch={matchRows?.[row] === 1}
          />
        );
      })}
    </div>
  );
}

interface RowProps {
  readonly view: TraceView;
  readonly node: number;
  readonly isOpen: boolean;
  readonly isSelected: boolean;
  readonly isFaded: boolean;
  /** What is looked for is in it. */
  readonly isMatch: boolean;
}

function Row({ view, node, isOpen, isSelected, isFaded, isMatch }: RowProps) {
  const { tree } = view;
  const depth = tree.depth[node] ?? 0;
  const canOpen = hasChildren(tree, node);
  return (
    <div
      id={`node-${node}`}
      class={`row${isFaded ? ' is-faded' : ''}${isMatch ? ' is-match' : ''}`}
      role="treeitem"
      aria-level={depth + 1}
      aria-selected={isSelected}
      aria-expanded={canOpen ? isOpen : undefined}
      aria-label={spokenName(view, node)}
      style={{ '--depth': depth }}
      onClick={(event) => {
        if (event.target instanceof Element && event.target.closest('.twisty')) view.toggle(node);
        view.select(node);
      }}
    >
      <span class="twisty" aria-hidden="true">
        {canOpen && (
          <svg width="10" height="10" viewBox="0 0 10 10">
            <path
              d={isOpen ? 'M1.5 3L5 6.8 8.5 3' : 'M3 1.5L6.8 5 3 8.5'}
              fill="none"
              stroke="currentColor"
              stroke-width="1.5"
            />
          </svg>
        )}
      </span>
      <RowName view={view} node={node} />
    </div>
  );
}

/** What stands in the row, and the bar beside it in words. */
function spokenName(view: TraceView, node: number): string {
  const { tree, path } = view;
  const length = formatDuration(lengthUs(tree, node)) + (view.isSoFar(node) ? ' so far' : '');
  const start = formatDuration(tree.startUs[node] ?? 0);
  const operation = isFold(tree.kind[node]) ? -1 : (tree.operation[node] ?? -1);
  const marks = [
    path.isOn[node] === 0 ? ', in parallel' : '',
    view.answer.operations.text('outcome', operation) === 'error' ? ', failed' : '',
    view.answer.operations.isRetry(operation) ? ', asked again after a failure' : '',
    view.isStalled(operation) ? ', a stall of 40 ms' : '',
  ];
  return `${nameOf(view, node)}, ${length}, starts at ${start}${marks.join('')}`;
}

function nameOf(view: TraceView, node: number): string {
  const { tree, answer } = view;
  const kind = tree.kind[node];
  if (kind === NodeKind.group)
    return `× ${formatCount(tree.times[node] ?? 0)} ${groupNames(view, node).map(shortStatement).join(', ')}`;
  if (kind === NodeKind.request) {
    const request = answer.requests[tree.request[node] ?? 0];
    return `${request?.service} ${request?.method} ${request?.route}`;
  }
  const statement = shortStatement(answer.operations.text('statement', tree.operation[node] ?? 0));
  return kind === NodeKind.run ? `× ${formatCount(membersOf(tree, node))} ${statement}` : statement;
}

function RowName({ view, node }: Pick<RowProps, 'view' | 'node'>) {
  const { tree, answer } = view;
  if (tree.kind[node] === NodeKind.request) {
    const request = answer.requests[tree.request[node] ?? 0];
    return (
      <>
        <span class="service">{request?.service}</span>{' '}
        <span class="mono ellipsis quiet">
          {request?.method} {request?.route}
        </span>
      </>
    );
  }
  if (tree.kind[node] === NodeKind.group) return <GroupName view={view} node={node} />;
  const statement = answer.operations.text('statement', tree.operation[node] ?? 0);
  const category = CATEGORIES[tree.category[node] ?? 0]?.key ?? 'other';
  return (
    <>
      <Swatch category={category} />
      {tree.kind[node] === NodeKind.run && (
        <>
          <span class="times">× {formatCount(membersOf(tree, node))}</span>{' '}
        </>
      )}
      <span class="mono ellipsis" title={statement}>
        {shortStatement(statement)}
      </span>
    </>
  );
}

/** `× 40  SELECT …, POST /export` */
function GroupName({ view, node }: Pick<RowProps, 'view' | 'node'>) {
  const names = groupNames(view, node);
  return (
    <>
      <Swatch category={CATEGORIES[view.tree.category[node] ?? 0]?.key ?? 'other'} />
      <span class="times">× {formatCount(view.tree.times[node] ?? 0)}</span>{' '}
      <span class="mono ellipsis" title={names.join(', ')}>
        {names.map(shortStatement).join(', ')}
      </span>
    </>
  );
}
