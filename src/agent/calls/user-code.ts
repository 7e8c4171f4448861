// Which files are the application's? In: file names of stack frames. Out: yes or no.
// Not Node, not packages, unless the whole application is a package: then it is the one that the main script lies in.

import { realpathSync } from 'node:fs';

const PACKAGES = '/node_modules/';

/** Code of the application outside of packages was seen: what lies in a package is not the application, then. */
let isSeen = false;
let mainPackage: string | undefined;

/** The frames of the application. `own`: the file of the agent. With `isDeep` there are no more frames to be had. */
export function applicationFrames(
  frames: readonly NodeJS.CallSite[],
  own: string | null | undefined,
  isDeep: boolean,
): readonly NodeJS.CallSite[] {
  const found = frames.filter((frame) => isOutside(frame.getFileName(), own));
  if (found.length > 0) isSeen = true;
  if (isSeen || !isDeep) return found;
  const prefix = (mainPackage ??= packageOf(mainScript()));
  if (prefix === '') return found;
  return frames.filter((frame) => isInside(frame.getFileName(), prefix, own));
}

function isOutside(file: string | null | undefined, own: string | null | undefined): boolean {
  return (
    typeof file === 'string' &&
    file !== own &&
    !file.startsWith('node:') &&
    !file.startsWith('evalmachine') &&
    !file.includes(PACKAGES)
  );
}

/** In the package itself, not in one that is installed within. */
function isInside(file: string | null | undefined, prefix: string, own: string | null | undefined): boolean {
  if (typeof file !== 'string' || file === own) return false;
  const at = file.indexOf(prefix);
  return at >= 0 && !file.includes(PACKAGES, at + prefix.length - 1);
}

/** `/app/node_modules/@some/server/`, '' for a file in no package. */
function packageOf(file: string): string {
  const at = file.lastIndexOf(PACKAGES);
  if (at < 0) return '';
  const name = /^(?:@[^/]+\/)?[^/]+\//.exec(file.slice(at + PACKAGES.length))?.[0] ?? '';
  return file.slice(0, at + PACKAGES.length) + name;
}

function mainScript(): string {
  try {
    return realpathSync(process.argv[1] ?? '');
  } catch {
    return '';
  }
}
