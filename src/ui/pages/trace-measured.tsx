// The measured stretch of a trace as details: how long, and what it was spent on. In: the state of a trace page.

import { formatCount, formatDuration, formatShare } from '../../base/numbers.ts';
import { shortStatement } from '../../base/statement.ts';
import { CATEGORIES } from '../../model/category.ts';
import { NodeKind } from '../canvas/rows.ts';
import { rangeSums, type RangeSums } from '../canvas/range-sums.ts';
import type { TimeWindow } from '../canvas/view.ts';
import { StackBar } from '../parts/stack-bar.tsx';
import { Duration, KeyCap, Swatch } from '../parts/text.tsx';
import type { TraceView } from '../state/trace-view.ts';
import { BigNumber } from './trace-facts.tsx';

const MOST_ROWS = 8;

export function Measured({ view, stretch }: { readonly view: TraceView; readonly stretch: TimeWindow }) {
  const sums = rangeSums(view, stretch);
  const lengthUs = Math.round(stretch.to - stretch.from);
  return (
    <>
      <div class="chips">
        <span class="chip">measured</span>
        <span class="chip">
          {formatDuration(Math.round(stretch.from))} to {formatDuration(Math.round(stretch.to))}
        </span>
      </div>
      <h2>What this stretch was spent on</h2>
      <BigNumber us={lengthUs}>{wholeWords(view, sums, lengthUs)}</BigNumber>
      <h3>By kind of time, on the critical path</h3>
      <StackBar parts={Array.from(sums.categories)} />
      <table class="phases">
        <tbody>
          {CATEGORIES.map(({ key, name }, index) => {
            const us = Math.round(sums.categories[index] ?? 0);
            return us === 0 ? null : (
              <tr key={key}>
                <td>
                  <span class="with-swatch">
                    <Swatch category={key} />
                    {name}
                  </span>
                </td>
                <td>
                  <Duration us={us} />
                </td>
                <td>{formatShare(us / (sums.totalUs || 1))}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <h3>By what was done</h3>
      <Parts view={view} sums={sums} />
      <p class="muted copy-row">
        <KeyCap>f</KeyCap> zooms to it, <KeyCap>esc</KeyCap> or a click on the ruler ends it.
      </p>
    </>
  );
}

function wholeWords({ answer }: TraceView, { totalUs }: RangeSums, lengthUs: number): string {
  const share = `${formatShare(totalUs / (answer.durationUs || 1))} of this request`;
  // The stretch may reach beyond both ends of the request.
  return Math.round(totalUs) === lengthUs
    ? share
    : `${formatDuration(Math.round(totalUs))} of it is ${share}`;
}

interface Part {
  readonly name: string;
  readonly category: number;
  readonly calls: number;
  readonly us: number;
}

function Parts({ view, sums }: { readonly view: TraceView; readonly sums: RangeSums }) {
  const parts = partsOf(view, sums);
  const rest = parts.slice(MOST_ROWS);
  return (
    <table class="phases group-parts">
      <tbody>
        {parts.slice(0, MOST_ROWS).map(({ name, category, calls, us }) => (
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
              <Duration us={Math.round(us)} />
            </td>
            <td>{calls > 0 && `× ${formatCount(calls)}`}</td>
          </tr>
        ))}
        {rest.length > 0 && (
          <tr>
            <td>{formatCount(rest.length)} others</td>
            <td>
              <Duration us={Math.round(rest.reduce((sum, { us }) => sum + us, 0))} />
            </td>
            <td />
          </tr>
        )}
      </tbody>
    </table>
  );
}

/** Calls by statement; what requests did themselves, with the network to them, by service. */
function partsOf({ tree, answer }: TraceView, { nodes }: RangeSums): Part[] {
  const found = new Map<string, Part>();
  for (const [node, us] of nodes) {
    const isRequest = tree.kind[node] === NodeKind.request;
    const name = isRequest
      ? `inside ${answer.requests[tree.request[node] ?? -1]?.service}`
      : answer.operations.text('statement', tree.operation[node] ?? -1);
    const category = isRequest ? 0 : (tree.category[node] ?? 0);
    const before = found.get(name) ?? { name, category, calls: 0, us: 0 };
    found.set(name, { ...before, calls: before.calls + (isRequest ? 0 : 1), us: before.us + us });
  }
  return [...found.values()].toSorted((a, b) => b.us - a.us);
}
