// What stands where an answer is not there yet, or did not come.

import type { Load } from '../state/answers.ts';

/** Grey blocks in the final layout; nothing for the first 150 ms (in CSS). */
export function Skeleton({ heights }: { readonly heights: readonly number[] }) {
  return (
    <div class="skeleton" aria-busy="true" aria-label="Loading">
      {heights.map((height, index) => (
        <i key={index} style={{ height: `${height}px` }} />
      ))}
    </div>
  );
}

interface FailureProps {
  readonly what: string;
  readonly load: Pick<Load<unknown>, 'failure' | 'retry'>;
}

export function Failure({ what, load }: FailureProps) {
  return (
    <section class="card panel" role="alert">
      <h1 class="title">
        <b>{what}</b> {load.failure}
      </h1>
      <button type="button" class="control" onClick={load.retry}>
        Try again
      </button>
    </section>
  );
}
