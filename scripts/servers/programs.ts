// Where the programs that tests need are on this machine, and how to get them when they are not there.
// In: what is wanted. Out: a path for each program, after an installation if need be, or an error that says what to type.

import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Programs, and the packages that they come in. */
export interface Wanted {
  /** Looked for in PATH and where packages put them. All are needed. */
  readonly programs: readonly string[];
  readonly packages: { readonly apt: string; readonly brew: string };
}

/** Newest first: /usr/lib/postgresql/17/bin before /usr/lib/postgresql/15/bin. */
function versionedFolders(parent: string, prefix: string): string[] {
  if (!existsSync(parent)) return [];
  return readdirSync(parent)
    .filter((name) => name.startsWith(prefix))
    .sort((left, right) => right.localeCompare(left, 'en', { numeric: true }))
    .map((name) => join(parent, name, 'bin'));
}

/** Debian keeps PostgreSQL's and daemons' programs out of PATH, and so does brew for versioned formulas. */
function folders(): string[] {
  const path = (process.env['PATH'] ?? '').split(':').filter((folder) => folder !== '');
  const brew = ['/opt/homebrew', '/usr/local', '/home/linuxbrew/.linuxbrew'];
  return [
    ...versionedFolders('/usr/lib/postgresql', ''),
    ...path,
    '/usr/sbin',
    '/usr/local/sbin',
    ...brew.flatMap((root) => [
      ...versionedFolders(join(root, 'opt'), 'postgresql'),
      ...['redis', 'mariadb'].map((name) => join(root, 'opt', name, 'bin')),
      join(root, 'bin'),
    ]),
  ];
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Full path of a program. All of one package's programs are found in the same order, so they are of one version. */
export function findProgram(name: string): string | undefined {
  return folders()
    .map((folder) => join(folder, name))
    .find(isProgram);
}

/**
 * One shell script under one lock, so that two runs do not meet in apt or in policy-rc.d.
 * policy-rc.d with exit code 101 keeps Debian from starting the packages' own services on their default ports.
 */
const INSTALL = `
set -e
policy=/usr/sbin/policy-rc.d
restore() { rm -f "$policy"; if [ -e "$policy.before-wiretime" ]; then mv "$policy.before-wiretime" "$policy"; fi; }
if grep -qs 'wiretime' "$policy"; then restore; fi
if [ -e "$policy" ]; then mv "$policy" "$policy.before-wiretime"; fi
trap restore EXIT
trap 'exit 1' INT TERM
printf '#!/bin/sh\\n# wiretime: no services while it installs servers\\nexit 101\\n' > "$policy"
chmod 755 "$policy"
export DEBIAN_FRONTEND=noninteractive
apt() { apt-get -o DPkg::Lock::Timeout=300 "$@"; }
apt install -y --no-install-recommends "$@" || { apt update && apt install -y --no-install-recommends "$@"; }
`;

function canInstall(): boolean {
  return process.getuid?.() === 0 && existsSync('/usr/bin/apt-get') && existsSync('/usr/bin/flock');
}

function missingMessage(missing: ReadonlyMap<string, Wanted>): string {
  const packages = [...missing.values()].map((wanted) => wanted.packages);
  const apt = packages.map((names) => names.apt).join(' ');
  const brew = packages.map((names) => names.brew).join(' ');
  return [
    `Not installed: ${[...missing.keys()].join(', ')}.`,
    `  Debian, Ubuntu:  sudo apt-get install ${apt}`,
    `  macOS:           brew install ${brew}`,
  ].join('\n');
}

function missingOf(all: ReadonlyMap<string, Wanted>): Map<string, Wanted> {
  return new Map(
    [...all].filter(([, { programs }]) => programs.some((name) => findProgram(name) === undefined)),
  );
}

/** Installs what is missing when we may; otherwise fails with the command that does it. */
export async function ensureInstalled(
  all: ReadonlyMap<string, Wanted>,
  say: (line: string) => void,
): Promise<void> {
  const missing = missingOf(all);
  if (missing.size === 0) return;
  if (!canInstall()) throw new Error(missingMessage(missing));
  const packages = [...missing.values()].map((wanted) => wanted.packages.apt);
  say(`installing ${packages.join(', ')} with apt-get …`);
  const printed = await install(packages);
  const still = missingOf(all);
  if (still.size > 0) throw new Error(`${missingMessage(still)}\napt-get said: ${printed.slice(-500)}`);
}

/** Resolves with what apt-get had to say, also when it failed: what counts is whether the programs are there. */
function install(packages: readonly string[]): Promise<string> {
  const limit = { maxBuffer: 64 * 1024 * 1024 };
  return run('flock', ['/run/lock/wiretime-apt.lock', 'sh', '-c', INSTALL, 'sh', ...packages], limit).then(
    ({ stdout }) => stdout,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}
