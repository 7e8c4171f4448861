// What run and serve have in common: store, collector and pages, started in this order and stopped in the reverse one.
// In: where to keep, where to listen. Out: a running recording. Not here: the program that is traced.

import { startCollector, type Collector, type LiveProcess } from '../../collector/collector.ts';
import { createAnswers } from '../../answer/answers.ts';
import type { Answers } from '../../answer/answers.ts';
import type { RunningServer } from '../../server/server.ts';
import { codeOf, Failure, messageOf } from '../failure.ts';
import { aboutRecording, openDataFolder, type DataFolder } from './data-folder.ts';
import { startPages, type PagesOptions } from './pages.ts';
import { startRetention, type Retention } from './retention.ts';
import { createSocketPlace } from './socket-path.ts';
import { removeState, stateFileIn, writeState, type RunningState } from './state-file.ts';
import type { Losses, WatchedStore } from './watched-store.ts';

export interface RecordingOptions {
  readonly command: 'run' | 'serve';
  readonly dataFolder: DataFolder;
  /** Undefined: no pages. */
  readonly pages: PagesOptions | undefined;
  /** Undefined: a new private one. */
  readonly socketPath?: string | undefined;
  readonly retention: Retention;
  /** Called once, when the store has failed for the first time. */
  readonly onLoss: (error: unknown) => void;
}

export interface Recording {
  readonly answers: Answers;
  readonly url: string | undefined;
  readonly socketPath: string;
  readonly state: RunningState;
  readonly losses: Losses;
  /** The traced processes so far, those that have ended too. */
  processes(): readonly LiveProcess[];
  /** Gives processes that are leaving a moment, then everything received is decoded and stored. */
  drain(): Promise<void>;
  /** Drains, stops the pages, lets go of the data folder. May be called twice. */
  close(): Promise<void>;
}

/** Rejects with a Failure, and leaves nothing behind. */
export async function startRecording(options: RecordingOptions): Promise<Recording> {
  const undo: (() => unknown)[] = [];
  try {
    return await assemble(options, undo);
  } catch (error) {
    await undoAll(undo);
    throw error;
  }
}

async function assemble(options: RecordingOptions, undo: (() => unknown)[]): Promise<Recording> {
  const { dataFolder, command } = options;
  const store = await openDataFolder(dataFolder, options.onLoss);
  undo.push(() => store.close());
  const place = options.socketPath === undefined ? createSocketPlace() : ownPlace(options.socketPath);
  undo.push(() => place.remove());
  const collector = await listen(store, place.path);
  undo.push(() => collector.stop());
  undo.push(startRetention(store, options.retention));
  const answers = createAnswers(store, collector.live, aboutRecording(dataFolder));
  const server = options.pages === undefined ? undefined : await startPages(answers, options.pages);
  undo.push(() => server?.close());
  const state = stateOf(command, dataFolder, server, place.path);
  writeState(stateFileIn(dataFolder.path), state);
  undo.push(() => removeState(stateFileIn(dataFolder.path)));
  return {
    answers,
    url: server?.url,
    socketPath: place.path,
    state,
    get losses() {
      return store.losses;
    },
    processes: () => collector.live.processes(),
    drain: () => collector.drain(),
    close: () => undoAll(undo),
  };
}

function ownPlace(path: string): { readonly path: string; remove(): void } {
  return { path, remove: () => {} };
}

async function listen(store: WatchedStore, socketPath: string): Promise<Collector> {
  try {
    return await startCollector({ store, socketPath });
  } catch (error) {
    const why = codeOf(error) === 'EADDRINUSE' ? 'it is in use by another wiretime' : messageOf(error);
    throw new Failure(`The socket ${socketPath} cannot be opened: ${why}.`, undefined, { cause: error });
  }
}

function stateOf(
  command: RunningState['command'],
  dataFolder: DataFolder,
  server: RunningServer | undefined,
  socketPath: string,
): RunningState {
  return {
    pid: process.pid,
    command,
    dataFolder: dataFolder.path,
    ...(server === undefined ? {} : { url: server.url }),
    socketPath,
  };
}

/** In the reverse order; one that fails does not keep the others from being undone. */
async function undoAll(undo: (() => unknown)[]): Promise<void> {
  for (let step = undo.pop(); step !== undefined; step = undo.pop()) await attempt(step);
}

async function attempt(step: () => unknown): Promise<void> {
  try {
    await step();
  } catch (error) {
    process.stderr.write(`wiretime: could not stop cleanly: ${messageOf(error)}\n`);
  }
}
