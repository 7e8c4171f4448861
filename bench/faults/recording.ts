// What one recording says. In: its folder. Out: findings as a user would get them, and what each endpoint took.

import { createAnswers } from '../../src/answer/answers.ts';
import type { EndpointRow } from '../../src/answer/api.ts';
import { endpointKey } from '../../src/analysis/sample/request-tree.ts';
import type { Finding } from '../../src/model/finding.ts';
import { openStore } from '../../src/store/open.ts';

export interface Recorded {
  readonly findings: readonly Finding[];
  readonly requests: number;
  readonly totalUs: number;
  /** Of what customers asked for, by endpoint. */
  readonly endpoints: ReadonlyMap<string, EndpointRow>;
}

export async function readRecording(folder: string): Promise<Recorded> {
  const store = await openStore(folder, { readOnly: true });
  try {
    const answers = createAnswers(store);
    const { findings } = await answers.findings({}, true);
    const { endpoints, requests, totalUs } = await answers.home({});
    const entries = endpoints.filter(({ isEntry }) => isEntry);
    return { findings, requests, totalUs, endpoints: new Map(entries.map((row) => [endpointKey(row), row])) };
  } finally {
    await store.close();
  }
}
