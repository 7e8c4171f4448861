// Home without requests: before the first one, or in a range without any. Becomes Home by itself.

import type { HomeAnswer, ProcessStatus } from '../../answer/api.ts';
import { setParameters } from '../state/address.ts';
import { status } from '../state/answers.ts';
import { copy } from '../state/toast.ts';
import { clock } from '../state/range.ts';

export function Ready() {
  const processes = status.value?.processes ?? [];
  return (
    <section class="card panel">
      <h1 class="title">
        <b>Ready. Send your backend a request</b> and it appears here.
      </h1>
      <ul class="checks" aria-label="Processes">
        {processes.map((process) => (
          <ProcessLine key={process.pid} process={process} />
        ))}
        {processes.length === 0 && (
          <li>
            <i aria-hidden="true">○</i>
            <span>No process is connected. Start yours with wiretime in front:</span>
          </li>
        )}
      </ul>
      {processes.length === 0 && <Command text="npx wiretime run -- npm start" />}
      {processes.length > 0 && (
        <p class="muted">
          Not all of your services? Each starts with <code class="mono">wiretime run</code> in front; those of
          other terminals join with what <code class="mono">wiretime env</code> prints.{' '}
          <code class="mono">wiretime doctor</code> finds out why one is not seen.
        </p>
      )}
      <p class="foot">Nothing leaves this machine.</p>
    </section>
  );
}

function Command({ text }: { readonly text: string }) {
  return (
    <p class="command">
      <span>{text}</span>
      <button type="button" class="control small" onClick={() => void copy(text, 'Command copied')}>
        Copy
      </button>
    </p>
  );
}

function ProcessLine({ process }: { readonly process: ProcessStatus }) {
  const { service, runtime, version, pid, isConnected, problem, notVisible } = process;
  const state = problem !== '' ? 'bad' : isConnected ? 'ok' : '';
  return (
    <li class={state}>
      <i aria-hidden="true">{state === 'bad' ? '✕' : state === 'ok' ? '✓' : '○'}</i>
      <span>
        <b class="medium">{service}</b> {isConnected ? 'connected' : 'has ended'}, {runtime} {version}, pid{' '}
        {pid}
        {problem !== '' && `: ${problem}`}
        {notVisible.length > 0 && <span class="muted">, cannot see {notVisible.join(', ')}</span>}
      </span>
    </li>
  );
}

interface EmptyRangeProps {
  readonly home: HomeAnswer;
  readonly lastRequestAt: number;
}

export function EmptyRange({ home, lastRequestAt }: EmptyRangeProps) {
  const { from, to } = home.window;
  return (
    <section class="card panel">
      <h1 class="title">
        <b>
          No requests between {clock(from)} and {clock(to)}.
        </b>{' '}
        The last one was at {clock(lastRequestAt)}.
      </h1>
      <button type="button" class="control" onClick={() => setParameters({ range: undefined })}>
        Show the whole recording
      </button>
    </section>
  );
}
