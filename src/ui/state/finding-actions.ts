// What a person can do with a finding. In: a finding, what was pressed. Out: the server told, or the clipboard filled, and a word about it.

import type { FindingAction, FindingAnswer } from '../../answer/api.ts';
import type { FindingState } from '../../model/finding.ts';
import { copy, say } from './toast.ts';
import { findingMarkdown } from './finding-markdown.ts';

/** Which actions make sense in which state. */
export const OFFERED: Readonly<Record<FindingState, readonly FindingAction[]>> = {
  open: ['verify', 'ignore'],
  reopened: ['verify', 'ignore'],
  'no-change': ['verify', 'ignore'],
  worse: ['verify', 'ignore'],
  verifying: ['reopen', 'ignore'],
  verified: ['reopen'],
  ignored: ['reopen'],
};

const DONE: Readonly<Record<FindingAction, string>> = {
  verify: 'Requests from now on are compared with the prediction',
  ignore: 'Ignored',
  reopen: 'Open again',
};

/** Tells the server; `done` when it has taken it. Never rejects: what went wrong is said. */
export async function actOn(
  id: string,
  action: FindingAction,
  reason: string,
  done: () => void,
): Promise<void> {
  const failure = await post(`/api/finding/${encodeURIComponent(id)}/${action}`, { reason });
  say(failure ?? DONE[action]);
  if (failure === undefined) done();
}

/** A sentence when it failed. */
async function post(path: string, body: unknown): Promise<string | undefined> {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }).catch(() => undefined);
  if (response === undefined) return 'wiretime does not answer.';
  if (response.ok) return undefined;
  const answer = (await response.json().catch(() => ({}))) as { readonly error?: string };
  return answer.error ?? `wiretime answered ${response.status}.`;
}

export function copyAsIssue(answer: FindingAnswer): Promise<void> {
  return copy(findingMarkdown(answer, location.origin), 'Copied as Markdown');
}
