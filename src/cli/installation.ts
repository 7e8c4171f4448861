// Where this installation keeps its parts. Out: absolute paths and the version.
// The same for dist/cli.js and for the sources: both look upwards for the package.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { Failure } from './failure.ts';

export interface Installation {
  readonly root: string;
  readonly version: string;
  /** What NODE_OPTIONS loads into the traced program. */
  readonly agentFile: string;
  /** What PYTHONPATH adds to the traced program. */
  readonly pythonFolder: string;
}

export function findInstallation(): Installation {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const above = dirname(folder);
    if (above === folder)
      throw new Failure('This wiretime is incomplete: its package.json is missing. Install it again.');
    folder = above;
  }
  return {
    root: folder,
    version: versionIn(folder),
    agentFile: join(folder, 'dist', 'agent.cjs'),
    pythonFolder: join(folder, 'python', 'boot'),
  };
}

function versionIn(folder: string): string {
  const parsed: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const isObject = typeof parsed === 'object' && parsed !== null && 'version' in parsed;
  return isObject ? String(parsed.version) : 'unknown';
}

/** The agent's file, or a sentence that it is not there. */
export function agentFileOf({ agentFile }: Installation): string {
  if (existsSync(agentFile)) return agentFile;
  throw new Failure(
    `The agent is missing at ${agentFile}. Install wiretime again, or run npm run build in a checkout.`,
  );
}
