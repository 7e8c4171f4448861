// The answers of a wiretime that is running, over HTTP. In: its address from the state file. Out: what answer/ would give.
// For the data folder that it holds. Not here: finding it (state-file.ts).

import type { FindingsAnswer, HomeAnswer, Range, Report, StatusAnswer } from '../../answer/api.ts';
import { Failure, messageOf } from '../failure.ts';

/** The questions that commands ask. */
export interface ReportAnswers {
  home(range: Range): Promise<HomeAnswer>;
  /** Makes them: the home answer has them from then on. */
  findings(range: Range): Promise<FindingsAnswer>;
  report(range: Range): Promise<Report>;
  status(): Promise<StatusAnswer>;
}

/** It answers from memory and a local file; a minute is for the largest of recordings. */
const TIMEOUT_MS = 60_000;

export function remoteAnswers(url: string): ReportAnswers {
  return {
    home: (range) => ask<HomeAnswer>(url, 'home', range),
    findings: (range) => ask<FindingsAnswer>(url, 'findings', range),
    report: (range) => ask<Report>(url, 'report', range),
    status: () => ask<StatusAnswer>(url, 'status', {}),
  };
}

/** The types are vouched for: both ends are this package, and the address comes from a file that only this user can write. */
async function ask<T>(url: string, question: string, range: Range): Promise<T> {
  const address = new URL(`/api/${question}`, url);
  const token = new URL(url).searchParams.get('token');
  if (range.from !== undefined) address.searchParams.set('from', String(range.from));
  if (range.to !== undefined) address.searchParams.set('to', String(range.to));
  const response = await fetch(address, {
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((error: unknown) => {
    throw new Failure(`The running wiretime at ${address.origin} does not answer: ${messageOf(error)}`);
  });
  if (!response.ok)
    throw new Failure(
      `The running wiretime at ${address.origin} answered ${response.status}: ${await response.text()}`,
    );
  return (await response.json()) as T;
}
