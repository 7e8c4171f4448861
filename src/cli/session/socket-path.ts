// Where agents reach the collector. Out: a Unix socket in a folder that only this user can open, or a named pipe on Windows.

import { mkdtempSync, rmSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SocketPlace {
  readonly path: string;
  /** Removes the folder. */
  remove(): void;
}

/** sun_path holds 108 bytes on Linux and 104 on macOS, with the zero at the end. */
const SOCKET_PATH_LIMIT = 103;

/** mkdtemp makes the folder with mode 0700. */
export function createSocketPlace(): SocketPlace {
  if (process.platform === 'win32')
    return { path: String.raw`\\.\pipe\wiretime-${randomUUID()}`, remove: () => {} };
  const folder = mkdtempSync(join(shortTemporaryFolder(), 'wiretime-'));
  return {
    path: join(folder, 'collector.sock'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** TMPDIR can be long (macOS, CI): then /tmp. */
function shortTemporaryFolder(): string {
  const length = Buffer.byteLength(join(tmpdir(), 'wiretime-XXXXXX', 'collector.sock'));
  return length <= SOCKET_PATH_LIMIT ? tmpdir() : '/tmp';
}
