// Virtual environments for Python programs of tests and benchmarks, in node_modules/.cache, made once for each version of Python.
// In: a name, packages of the registry. Out: the interpreter of the environment.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** WIRETIME_TEST_PYTHON: another interpreter to make environments with. */
export const INTERPRETER = process.env['WIRETIME_TEST_PYTHON'] ?? 'python3';

/**
 * `optional` ones come without what they need themselves, and are left out, with a line, where they cannot be installed.
 * @throws when there is no Python with venv, or the others cannot be installed.
 */
export function pythonWith(
  name: string,
  packages: readonly string[],
  optional: readonly string[] = [],
): string {
  const version = execFileSync(INTERPRETER, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'], {
    encoding: 'utf8',
  }).trim();
  const folder = resolve('node_modules/.cache/wiretime', `${name}-${version}`);
  const python = join(folder, 'bin/python');
  const mark = join(folder, 'packages');
  const wanted = [...packages, ...optional].join('\n');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === wanted) return python;
  console.error(`python: making an environment for Python ${version} (once) …`);
  execFileSync(INTERPRETER, ['-m', 'venv', folder], { stdio: 'inherit' });
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  execFileSync(python, [...pip, ...packages], { stdio: 'inherit' });
  for (const each of optional) tryToInstall(python, [...pip, '--no-deps', each], each);
  writeFileSync(mark, wanted);
  return python;
}

function tryToInstall(python: string, command: readonly string[], name: string): void {
  try {
    execFileSync(python, command, { stdio: 'ignore' });
  } catch {
    console.error(`python: could not install ${name}; what needs it is left out`);
  }
}
