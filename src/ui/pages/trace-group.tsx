// A group of calls that repeats, as details: how often, how long each time, and what is in it. In: the state of a trace page.

import { formatCount, formatDuration, formatShare } from '../../base/numbers.ts';
import { CATEGORIES } from '../../model/category.ts';
import { shortStatement } from '../../base/statement.ts';
import { lengthUs, NodeKind } from '../canvas/rows.ts';
import { Duration, Swatch } from '../parts/text.tsx';
import type { TraceView } from '../state/trace-view.ts';
import { BigNumber } from './trace-facts.tsx';

/** What one time of it does, in order. */
export function groupNames(view: TraceView, node: number): string[] {
  const { tree, answer } = view;
  const children: number[] = [];
  for (let child = node + 1; child < (tree.after[node] ?? 0); child = tree.after[child] ?? tree.count)
    children.push(child);
  const period = Math.max(1, children.length / Math.max(1, tree.times[node] ?? 1));
  return children.slice(0, period).map((child) => {
    const request = answer.requests[tree.request[child] ?? -1];
    if (tree.kind[child] === NodeKind.request) return `${request?.method} ${request?.route}`;
    return answer.operations.text('statement', tree.operation[child] ?? -1);
  });
}

export function GroupDetails({ view, node }: { readonly view: TraceView; readonly node: number }) {
  const { tree, answer } = view;
  const times = tree.times[node] ?? 0;
  const us = lengthUs(tree, node);
  const parts = partsOf(view, node);
  return (
    <>
      <div class="chips">
        <span class="chip">repeated group</span>
        <span class="chip">× {formatCount(times)}</span>
      </div>
      <h2>The same calls {formatCount(times)} times</h2>
      <BigNumber us={us}>
        {formatShare(us / (answer.durationUs || 1))} of this trace, {formatDuration(us / Math.max(1, times))}{' '}
        each time
      </BigNumber>
      <h3>All calls in it</h3>
      <table class="phases group-parts">
        <tbody>
          {parts.map(({ name, category, calls, us: sum }) => (
            <tr key={name}>
              <td>
                <span class="with-swatch">
                  <Swatch category={CATEGORIES[category]?.key ?? 'other'} />
                  <span class="mono ellipsis" title={name}>
                    {shortStatement(name)}
                  </span>
                </span>
              </td>
              <td>
                <Duration us={sum} />
              </td>
              <td>× {formatCount(calls)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="muted">space unfolds it.</p>
    </>
  );
}

interface Part {
  readonly name: string;
  readonly category: number;
  readonly calls: number;
  readonly us: number;
}

const MOST_PARTS = 12;

/** Calls below the group by statement, most time first. */
function partsOf({ tree, answer }: TraceView, node: number): Part[] {
  const found = new Map<string, Part>();
  for (let below = node + 1; below < (tree.after[node] ?? 0); below++) {
    if (tree.kind[below] !== NodeKind.operation) continue;
    const name = answer.operations.text('statement', tree.operation[below] ?? -1);
    const before = found.get(name) ?? { name, category: tree.category[below] ?? 0, calls: 0, us: 0 };
    found.set(name, { ...before, calls: before.calls + 1, us: before.us + lengthUs(tree, below) });
  }
  return [...found.values()].toSorted((a, b) => b.us - a.us).slice(0, MOST_PARTS);
}
