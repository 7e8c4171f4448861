// The data folder and its store. In: a path as typed. Out: an open store, or one sentence: what happened, why, what to do.

import { existsSync } from 'node:fs';
import { isAbsolute, relative, resolve, sep } from 'node:path';

import { openStore } from '../../store/open.ts';
import { StoreError, type Store } from '../../store/store.ts';
import { Failure, messageOf } from '../failure.ts';
import { readState, stateFileIn } from './state-file.ts';

export interface DataFolder {
  /** Absolute. */
  readonly path: string;
  /** As shown: relative to the current folder when below it, with a slash at the end. */
  readonly name: string;
}

export function dataFolderAt(typed: string): DataFolder {
  const path = resolve(typed);
  const below = relative(process.cwd(), path);
  const isBelow = below !== '' && !below.startsWith('..') && !isAbsolute(below);
  return { path, name: `${isBelow ? below : path}${sep}` };
}

/** For commands that only read: a folder without a recording is not made into one. */
export function requireRecording({ path, name }: DataFolder): void {
  if (existsSync(path)) return;
  throw new Failure(`There is no recording in ${name}. Make one: wiretime run -- COMMAND`);
}

/** Opens the store, made new when there is none. Rejects with a Failure. */
export async function openDataFolder(folder: DataFolder): Promise<Store> {
  try {
    return await openStore(folder.path);
  } catch (error) {
    throw new Failure(sentence(folder, error), undefined, { cause: error });
  }
}

function sentence(folder: DataFolder, error: unknown): string {
  const { name } = folder;
  if (!(error instanceof StoreError)) return `${name} could not be opened: ${messageOf(error)}`;
  switch (error.code) {
    case 'held':
      return heldSentence(folder);
    case 'not-writable':
      return `wiretime cannot write to ${name}. Change its permissions, or choose another folder: --data DIR`;
    case 'damaged':
      return `The recording in ${name} is damaged and cannot be read. Move the folder away, or choose another: --data DIR`;
    default:
      return `${name} could not be opened: ${error.message}`;
  }
}

function heldSentence({ path, name }: DataFolder): string {
  const holder = readState(stateFileIn(path));
  const who = holder === undefined ? 'another process' : `wiretime ${holder.command} (process ${holder.pid})`;
  return `${name} is in use by ${who}, and only one can write to it. Stop that one, or choose another folder: --data DIR`;
}
