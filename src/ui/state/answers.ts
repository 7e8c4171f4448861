// Answers of the server. In: a path of its API. Out: the state of a load: loading, ready, or failed with what to say.
// Old data stays while new data loads. The first view's data came with the page and is not asked for again.

import { signal } from '@preact/signals';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { StatusAnswer } from '../../answer/api.ts';
import { ticks, noteContact } from './live.ts';
import { isSaved, NOT_SAVED, savedAnswer, savedStatus } from './saved.ts';

export interface Load<T> {
  readonly value: T | undefined;
  /** `value` is of an earlier question, or of before a failure. */
  readonly isStale: boolean;
  readonly failure: string | undefined;
  /** HTTP status of the failure, 0 when there was no answer at all. */
  readonly failureStatus: number;
  readonly retry: () => void;
}

class AnswerError extends Error {
  readonly status: number;
  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

export const status = signal<StatusAnswer | undefined>(undefined);

/** Written by the server into the page; what it holds is the answer to the question of this address. */
interface FirstView {
  readonly status: StatusAnswer;
  readonly answer?: unknown;
}
let firstAnswer: unknown;

export function readFirstView(): void {
  status.value = savedStatus;
  const block = document.getElementById('first-view');
  if (block === null) return;
  const view = JSON.parse(block.textContent ?? '') as FirstView;
  status.value = view.status;
  firstAnswer = view.answer;
}

function takeFirstAnswer<T>(): T | undefined {
  const answer = firstAnswer as T | undefined;
  firstAnswer = undefined;
  return answer;
}

/** How an answer is read that is not JSON as it is used. */
export interface Reader<T> {
  readonly response: (response: Response) => Promise<T>;
  /** In a report, where all answers are JSON. */
  readonly saved: (answer: unknown) => T;
}
const asJson = <T>(): Reader<T> => ({
  response: async (response) => (await response.json()) as T,
  saved: (answer) => answer as T,
});

/** Throws AnswerError with a sentence for the user. */
async function ask<T>(path: string, abort?: AbortSignal, read: Reader<T> = asJson<T>()): Promise<T> {
  if (isSaved) return read.saved(askSaved(path));
  const response = await fetch(path, { signal: abort ?? null }).catch((error: unknown) => {
    if (!abort?.aborted) noteContact(false);
    throw new AnswerError(0, 'wiretime does not answer.', { cause: error });
  });
  noteContact(true);
  if (response.ok) return read.response(response);
  const body = (await response.json().catch(() => ({}))) as { readonly error?: string };
  throw new AnswerError(response.status, body.error ?? `wiretime answered ${response.status}.`);
}

function askSaved(path: string): unknown {
  const answer = savedAnswer(path);
  if (answer === undefined) throw new AnswerError(404, NOT_SAVED);
  return answer;
}

export async function refreshStatus(): Promise<void> {
  status.value = await ask<StatusAnswer>('/api/status').catch(() => status.value);
}

const LOADING = { value: undefined, isStale: false, failure: undefined, failureStatus: 0 } as const;
type State<T> = Omit<Load<T>, 'retry'>;

/** Loads `path`, again when it changes, and again (quietly) when there is new data if `followsLive`. `read`: not plain JSON; the same one each time. */
export function useAnswer<T>(path: string, followsLive = false, read?: Reader<T>): Load<T> {
  const [state, setState] = useState<State<T>>(() => ({
    ...LOADING,
    value: read === undefined ? takeFirstAnswer<T>() : undefined,
  }));
  const answered = useRef(state.value === undefined ? undefined : path);
  const running = useRef<AbortController | undefined>(undefined);
  const load = useCallback(() => {
    running.current?.abort();
    const abort = new AbortController();
    running.current = abort;
    const settle = (next: (old: State<T>) => State<T>) => {
      if (abort.signal.aborted) return;
      running.current = undefined;
      setState(next);
    };
    ask<T>(path, abort.signal, read).then(
      (value) => {
        answered.current = path;
        settle(() => ({ ...LOADING, value }));
      },
      (error: unknown) => settle((old) => failed(old, error)),
    );
  }, [path]);
  useEffect(() => {
    if (answered.current !== path) {
      setState((old) => ({ ...old, isStale: old.value !== undefined }));
      load();
    }
    return () => running.current?.abort();
  }, [path]);
  // An answer that takes longer than the data comes is not asked for twice at once.
  useEffect(
    () => (followsLive ? ticks.subscribe((tick) => tick > 0 && !running.current && load()) : undefined),
    [load, followsLive],
  );
  return { ...state, retry: load };
}

function failed<T>(old: State<T>, error: unknown): State<T> {
  const failure = error instanceof Error ? error.message : String(error);
  const failureStatus = error instanceof AnswerError ? error.status : 0;
  return { value: old.value, isStale: old.value !== undefined, failure, failureStatus };
}
