// One pool: the line before it over the range, who is in line and who has which connection in a window, who uses it.
// In: a service and a dependency. Each part has a file of its own: connections-*.tsx.

import type { ComponentChildren } from 'preact';
import type { PoolAnswer } from '../../answer/api.ts';
import { Failure, Skeleton } from '../parts/loading.tsx';
import { Sentence } from '../parts/text.tsx';
import { setParameters, toggleTable } from '../state/address.ts';
import { useAnswer } from '../state/answers.ts';
import { useKeys } from '../state/keyboard.ts';
import { moved, show, visibleOf, zoomed } from '../state/pool-window.ts';
import { currentRange } from '../state/range.ts';
import { PoolFixes } from './connections-fixes.tsx';
import { KeepAlive } from './connections-keep-alive.tsx';
import { Overview } from './connections-overview.tsx';
import { Users } from './connections-users.tsx';
import { WhatIf } from './connections-what-if.tsx';
import { WindowCard } from './connections-window.tsx';

interface PoolProps {
  readonly service: string;
  readonly dependency: string;
  /** The list of pools, below the answer. */
  readonly children: ComponentChildren;
}

const NOT_FOUND = 404;

export function Pool({ service, dependency, children }: PoolProps) {
  const parameters = new URLSearchParams({ service, dependency, range: currentRange() });
  const load = useAnswer<PoolAnswer>(`/api/connections/pool?${parameters}`);
  const { value } = load;
  if (value === undefined && load.failure === undefined) return <Skeleton heights={[32, 18, 480]} />;
  if (value === undefined)
    return (
      <>
        <h1 class="answer">
          {load.failureStatus === NOT_FOUND ? 'No such connections.' : 'The pool did not come.'}
        </h1>
        <div class="pool-page">
          {children}
          <Failure what="" load={load} />
        </div>
      </>
    );
  return (
    <>
      <h1 class="answer">
        <Sentence words={value.sentence} />
      </h1>
      <p class="second">
        <Sentence words={value.second} />
      </p>
      <div class="pool-page">
        {children}
        <PoolDetails answer={value} />
      </div>
    </>
  );
}

function PoolDetails({ answer }: { readonly answer: PoolAnswer }) {
  const visible = visibleOf(answer.first);
  const jump = (step: 1 | -1) => {
    const middle = (visible.fromUs + visible.toUs) / 2;
    const waits = answer.longWaits;
    const next = step > 0 ? waits.find((us) => us > middle + 1) : waits.findLast((us) => us < middle - 1);
    if (next === undefined) return;
    const half = (visible.toUs - visible.fromUs) / 2;
    show({ fromUs: next - half, toUs: next + half });
  };
  const left = () => show(moved(visible, -0.2));
  const right = () => show(moved(visible, 0.2));
  useKeys({
    w: () => show(zoomed(visible, 0.7)),
    s: () => show(zoomed(visible, 1 / 0.7)),
    a: left,
    d: right,
    ArrowLeft: left,
    ArrowRight: right,
    n: () => jump(1),
    p: () => jump(-1),
    '0': () => setParameters({ w: undefined }),
    t: toggleTable,
  });
  return (
    <div class="pool-details">
      <Overview answer={answer} visible={visible} />
      <WindowCard answer={answer} visible={visible} />
      <div class="pool-below">
        {answer.row.verdict === 'starved' && <WhatIf row={answer.row} />}
        {answer.row.verdict === 'churn' && <KeepAlive answer={answer} />}
        <Users answer={answer} />
        <PoolFixes row={answer.row} />
      </div>
    </div>
  );
}
