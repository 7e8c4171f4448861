// The head of a finding: what it is, the three steps of its life, and what was seen since the change. In: the answer.

import type { FindingAnswer, Words } from '../../answer/api.ts';
import type { FindingChange, FindingState, Verification } from '../../model/finding.ts';
import { formatCount, formatDuration, formatWholeShare } from '../../base/numbers.ts';
import { Sentence } from '../parts/text.tsx';
import { linkTo } from '../state/address.ts';
import { kindName } from '../state/finding-words.ts';
import { clock, fullTime } from '../state/range.ts';

export function FindingHead({ answer }: { readonly answer: FindingAnswer }) {
  const { finding, life } = answer;
  return (
    <>
      <div class="finding-head">
        <div>
          <nav class="crumbs" aria-label="Where this is">
            <a href={linkTo('/findings')}>Findings</a>›<span>{kindName(finding)}</span>
          </nav>
          <h1 class="answer">
            <Sentence words={withKeyPart(answer.sentence)} />
          </h1>
          <p class="second">
            <Sentence words={answer.second} />
          </p>
        </div>
        <Steps state={life.state} />
      </div>
      <div aria-live="polite">
        <Banner answer={answer} />
      </div>
    </>
  );
}

/** When nothing is the key part of a sentence, its beginning is. */
function withKeyPart(words: readonly Words[]): readonly Words[] {
  return words.some(({ isStrong }) => isStrong === true)
    ? words
    : words.map((piece, index) => (index === 0 ? { ...piece, isStrong: true } : piece));
}

type StepState = 'done' | 'current' | 'failed' | 'todo';

/** Found, changed, verified: how far it is. */
const STEPS: Readonly<Record<FindingState, readonly [StepState, StepState, StepState]>> = {
  open: ['current', 'todo', 'todo'],
  reopened: ['current', 'todo', 'todo'],
  ignored: ['current', 'todo', 'todo'],
  verifying: ['done', 'done', 'current'],
  verified: ['done', 'done', 'done'],
  'no-change': ['done', 'done', 'failed'],
  worse: ['done', 'done', 'failed'],
};
const NAMES = ['Found', 'Changed', 'Verified'] as const;
const LAST_NAMES: Partial<Readonly<Record<FindingState, string>>> = {
  verifying: 'Verifying',
  'no-change': 'No change',
  worse: 'Worse',
};
const SIGNS = { done: '✓', failed: '✕' } as const;

function Steps({ state }: { readonly state: FindingState }) {
  const firstName = state === 'reopened' ? 'Found again' : state === 'ignored' ? 'Ignored' : NAMES[0];
  const names = [firstName, NAMES[1], LAST_NAMES[state] ?? NAMES[2]];
  return (
    <ol class="steps" aria-label="State">
      {STEPS[state].map((step, index) => (
        <li key={index} class={`is-${step}`} aria-current={isCurrent(state, index) ? 'step' : undefined}>
          <i aria-hidden="true">{step === 'done' || step === 'failed' ? SIGNS[step] : index + 1}</i>
          {names[index]}
          <span class="visually-hidden">
            {step === 'todo' ? ', not yet' : step === 'done' ? ', done' : ''}
          </span>
        </li>
      ))}
    </ol>
  );
}

function isCurrent(state: FindingState, index: number): boolean {
  const steps = STEPS[state];
  const at = steps.findLastIndex((step) => step !== 'todo');
  return at === index;
}

function Banner({ answer }: { readonly answer: FindingAnswer }) {
  const { life, isSeen } = answer;
  const { state, verification, history } = life;
  const last = history.at(-1);
  if (state === 'verifying' && verification !== undefined) return <Progress verification={verification} />;
  if (state === 'verified' && verification !== undefined) return <Verified verification={verification} />;
  if (state === 'no-change' && verification !== undefined) return <NoChange verification={verification} />;
  if (state === 'worse' && verification !== undefined) return <Worse verification={verification} />;
  if (state === 'reopened') return <Reopened history={history} />;
  if (state === 'ignored')
    return (
      <p class="notice plain">
        <i aria-hidden="true">○</i>
        <span>
          <b>Ignored</b> since <Time at={life.since} />
          {last?.note ? `: ${last.note}` : ', without a reason'}.
        </span>
      </p>
    );
  if (!isSeen)
    return (
      <p class="notice plain">
        <i aria-hidden="true">○</i>
        <span>It is not seen in this time. Below it is as it was last seen.</span>
      </p>
    );
  return null;
}

function Time({ at }: { readonly at: number }) {
  return <span title={fullTime(at)}>{clock(at)}</span>;
}

interface VerificationProps {
  readonly verification: Verification;
}

function Progress({ verification }: VerificationProps) {
  const { measured, neededRequests, secondsLeft, startedAt } = verification;
  const seen = Math.min(measured.requests, neededRequests);
  return (
    <div class="notice plain verifying">
      <i aria-hidden="true">↻</i>
      <span>
        <b>
          {formatCount(seen)} of {formatCount(neededRequests)} requests
        </b>{' '}
        since the change at <Time at={startedAt} />
        {secondsLeft === undefined
          ? '; none came yet.'
          : `; ${formatDuration(secondsLeft * 1e6)} more at this rate.`}
      </span>
      <progress value={seen} max={neededRequests} aria-label="Requests since the change" />
    </div>
  );
}

function p95(us: number | undefined): string {
  return us === undefined ? 'n/a' : formatDuration(us);
}

function Verified({ verification }: VerificationProps) {
  const { measured, predicted, before, startedAt } = verification;
  return (
    <p class="notice good">
      <i aria-hidden="true">✓</i>
      <span>
        <b>Verified on {formatCount(measured.requests)} requests</b> since <Time at={startedAt} />. Predicted
        p95 {p95(predicted.p95Us)}, <b>measured {p95(measured.p95Us)}</b>, before {p95(before.p95Us)}.
        wiretime reopens this finding if it comes back.
      </span>
    </p>
  );
}

function NoChange({ verification }: VerificationProps) {
  const { measured, stillShare, startedAt } = verification;
  return (
    <p class="notice warn">
      <i aria-hidden="true">▲</i>
      <span>
        <b>No change.</b> It is still there in {formatWholeShare(stillShare)} of the{' '}
        {formatCount(measured.requests)} requests since <Time at={startedAt} />. Is the new code running?
      </span>
    </p>
  );
}

function Worse({ verification }: VerificationProps) {
  const { measured, before, predicted } = verification;
  return (
    <p class="notice bad">
      <i aria-hidden="true">✕</i>
      <span>
        <b>Worse.</b> p95 {p95(before.p95Us)} before, {p95(measured.p95Us)} measured on{' '}
        {formatCount(measured.requests)} requests since the change; {p95(predicted.p95Us)} was predicted.
      </span>
    </p>
  );
}

/** A verified one that came back: with both dates. */
function Reopened({ history }: { readonly history: readonly FindingChange[] }) {
  const verified = history.findLast(({ state }) => state === 'verified');
  const reopened = history.findLast(({ state }) => state === 'reopened');
  return (
    <p class="notice warn">
      <i aria-hidden="true">↻</i>
      <span>
        <b>It came back.</b> {verified && `Verified ${fullTime(verified.at)}, `}
        {reopened && `seen again ${fullTime(reopened.at)}`}.
      </span>
    </p>
  );
}
