// The answers of a data folder, whoever holds it. In: a folder. Out: its answers, from our own store or from the wiretime that runs there.
// DuckDB lets one process own a file; the others ask that one over HTTP.

import { createAnswers } from '../../answer/answers.ts';
import type { Answers } from '../../answer/answers.ts';
import { rememberedStore } from '../../answer/remembered-store.ts';
import { StoreError } from '../../store/store.ts';
import { Failure } from '../failure.ts';
import {
  aboutRecording,
  dataFolderAt,
  openDataFolder,
  requireRecording,
  type DataFolder,
} from './data-folder.ts';
import { remoteAnswers, type CommandAnswers } from './remote-answers.ts';
import { whileWaiting } from '../terminal/progress.ts';
import { readState, stateFileIn, type RunningState } from './state-file.ts';

export type Source =
  | { readonly kind: 'own'; readonly answers: Answers; close(): Promise<void> }
  | {
      readonly kind: 'running';
      readonly answers: CommandAnswers;
      readonly url: string;
      close(): Promise<void>;
    };

/** Who answers: the wiretime at `url`, else whoever holds the data folder. */
export interface SourceOptions {
  readonly data: string;
  readonly url?: string;
}

/** Rejects with a Failure when there is no recording, or when nobody can be asked. */
export function sourceOf({ data, url }: SourceOptions): Promise<Source> {
  return url === undefined ? openSource(dataFolderAt(data)) : Promise.resolve(remoteSource(url));
}

/** Rejects with a Failure when there is no recording, or when nobody can be asked. */
export async function openSource(folder: DataFolder): Promise<Source> {
  requireRecording(folder);
  try {
    const store = await whileWaiting(`Opening the recording in ${folder.name}`, openDataFolder(folder));
    return {
      kind: 'own',
      answers: createAnswers(rememberedStore(store), undefined, aboutRecording(folder)),
      close: () => store.close(),
    };
  } catch (error) {
    if (!isHeld(error)) throw error;
    return runningSource(readState(stateFileIn(folder.path)), error);
  }
}

function isHeld(error: unknown): boolean {
  return error instanceof Failure && error.cause instanceof StoreError && error.cause.code === 'held';
}

/** Rethrows `held` when the one that runs cannot be asked. */
function runningSource(state: RunningState | undefined, held: unknown): Source {
  if (state?.url === undefined) throw held;
  return remoteSource(state.url);
}

function remoteSource(url: string): Source {
  return { kind: 'running', answers: remoteAnswers(url), url, close: async () => {} };
}
