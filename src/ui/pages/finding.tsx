// One finding: what, where, how much, how, and whether it worked. In: the id of a finding. Each card has a file of its own: finding-*.tsx.

import { useEffect, useState } from 'preact/hooks';
import type { FindingAnswer } from '../../answer/api.ts';
import { Failure, Skeleton } from '../parts/loading.tsx';
import { usePageTitle } from '../parts/shell.tsx';
import { linkTo, setParameters, toggleTable } from '../state/address.ts';
import { useAnswer } from '../state/answers.ts';
import { actOn, copyAsIssue, OFFERED } from '../state/finding-actions.ts';
import { useKeys } from '../state/keyboard.ts';
import { openEditor } from '../state/editor.ts';
import { currentRange } from '../state/range.ts';
import { Comparison } from './finding-comparison.tsx';
import { Effects } from './finding-effects.tsx';
import { Evidence } from './finding-evidence.tsx';
import { HowToFix } from './finding-fix.tsx';
import { FindingHead } from './finding-head.tsx';
import { Source } from './finding-source.tsx';

const NOT_FOUND = 404;

export function FindingPage({ id }: { readonly id: string }) {
  // Only then something changes from second to second.
  const [isVerifying, setVerifying] = useState(false);
  const load = useAnswer<FindingAnswer>(
    `/api/finding/${encodeURIComponent(id)}?range=${encodeURIComponent(currentRange())}`,
    isVerifying,
  );
  const { value } = load;
  useEffect(() => setVerifying(value?.life.state === 'verifying'), [value]);
  usePageTitle(value?.finding.title ?? 'Finding');
  if (load.failureStatus === NOT_FOUND) return <Unknown />;
  if (value === undefined && load.failure !== undefined)
    return <Failure what="The finding did not come." load={load} />;
  if (value === undefined) return <Skeleton heights={[14, 32, 18, 320, 280]} />;
  return <Known key={value.finding.id} answer={value} isStale={load.isStale} onChanged={load.retry} />;
}

function Unknown() {
  return (
    <section class="card panel">
      <h1 class="title">
        <b>There is no such finding in this time,</b> and none that was worked on.
      </h1>
      <button type="button" class="control" onClick={() => setParameters({ range: undefined })}>
        Look in the whole recording
      </button>
      <a class="link" href={linkTo('/findings')}>
        All findings ›
      </a>
    </section>
  );
}

interface KnownProps {
  readonly answer: FindingAnswer;
  readonly isStale: boolean;
  /** Asks for it again. */
  readonly onChanged: () => void;
}

function Known({ answer, isStale, onChanged }: KnownProps) {
  const [isIgnoring, setIgnoring] = useState(false);
  const { finding, life, source } = answer;
  const offered = OFFERED[life.state];
  useKeys({
    e: () => openEditor(source),
    t: toggleTable,
    m: () => void copyAsIssue(answer),
    v: () => offered.includes('verify') && void actOn(finding.id, 'verify', '', onChanged),
    i: () => offered.includes('ignore') && setIgnoring(true),
    Escape: () => setIgnoring(false),
  });
  return (
    <div class={isStale ? 'finding is-stale' : 'finding'} aria-busy={isStale}>
      <FindingHead answer={answer} />
      <div class="finding-columns">
        <div class="column">
          <Comparison answer={answer} />
          <Source answer={answer} />
          <Effects answer={answer} />
        </div>
        <div class="column">
          <HowToFix answer={answer} isIgnoring={isIgnoring} onIgnoring={setIgnoring} onChanged={onChanged} />
          <Evidence answer={answer} />
        </div>
      </div>
    </div>
  );
}
