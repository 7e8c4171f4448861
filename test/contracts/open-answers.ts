// Answers over a recording, the small one if no other is given, for tests of what is answered. In: a batch. Out: the answers, and a store to be closed after.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAnswers, type Answers } from '../../src/answer/answers.ts';
import type { Words } from '../../src/answer/api.ts';
import { openStore } from '../../src/store/open.ts';
import type { Batch, Store } from '../../src/store/store.ts';
import { smallRecording } from './small-recording.ts';

export interface OpenAnswers {
  readonly store: Store;
  readonly answers: Answers;
  close(): Promise<void>;
}

export async function openAnswers(batch: Batch = smallRecording()): Promise<OpenAnswers> {
  const folder = mkdtempSync(join(tmpdir(), 'wiretime-answers-'));
  const store = await openStore(folder);
  await store.append(batch);
  const close = async (): Promise<void> => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { store, answers: createAnswers(store), close };
}

/** A sentence as it is read, with plain spaces. */
export function said(words: readonly Words[]): string {
  return words
    .map(({ text }) => text)
    .join('')
    .replaceAll('\u202f', ' ');
}
