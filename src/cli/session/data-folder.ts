// The data folder and its store. In: a path as typed. Out: an open store, or one sentence: what happened, why, what to do.

import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';

import { openStore } from '../../store/open.ts';
import { StoreError } from '../../store/store.ts';
import { Failure, messageOf } from '../failure.ts';
import { findInstallation } from '../installation.ts';
import { readState, stateFileIn } from './state-file.ts';
import { WatchedStore } from './watched-store.ts';

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

/** What the pages say about the recording: it is called after the folder that its data folder is in. */
export function aboutRecording({ path, name }: DataFolder) {
  return { project: basename(dirname(path)), version: findInstallation().version, dataFolder: name };
}

/** For commands that only read: a folder without a recording is not made into one. */
export function requireRecording({ path, name }: DataFolder): void {
  if (existsSync(path)) return;
  throw new Failure(`There is no recording in ${name}. Make one: wiretime run -- COMMAND`);
}

/** On the disk, in all files of the recording. */
export function bytesIn({ path }: DataFolder): number {
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { name }) => sum + statSync(join(path, name)).size, 0);
}

/** Opens the store, made new when there is none. Rejects with a Failure. */
export async function openDataFolder(
  folder: DataFolder,
  onFirstFailure?: (error: unknown) => void,
): Promise<WatchedStore> {
  try {
    return new WatchedStore(await openStore(folder.path), onFirstFailure);
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
