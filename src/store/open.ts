// Chooses the engine by the location. In: a folder or a URL. Out: an open store.

import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckdbStore } from './duckdb/duckdb-store.ts';
import type { Store } from './store.ts';
import { StoreError } from './store.ts';

/** The recording's file in its data folder. */
export const DATA_FILE = 'wiretime.duckdb';

export interface OpenOptions {
  /** Looks at a recording without holding it for others that look; fails when there is none. */
  readonly readOnly?: boolean;
}

/** Opens a data folder (a path or a file: URL), making it when needed. Throws StoreError with a sentence for the user. */
export async function openStore(location: string, { readOnly = false }: OpenOptions = {}): Promise<Store> {
  return DuckdbStore.open({ file: join(folderOf(location), DATA_FILE), readOnly });
}

function folderOf(location: string): string {
  if (location.startsWith('file:')) return fileURLToPath(location);
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(location)?.[1];
  if (scheme !== undefined) throw new StoreError('engine', `there is no store for ${scheme}: locations yet.`);
  return resolve(location);
}
