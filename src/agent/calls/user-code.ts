// Which files are the application's? In: file names of stack frames. Out: yes or no.
// Not Node, not packages, unless nothing else is on the stack: an application may be installed as a package, and started by a few lines of
// somebody's own. Then it is, of the packages behind the driver that are no go-betweens, the one that was met most often; or else the one that
// the main script lies in.

import { realpathSync } from 'node:fs';
import { BoundedMap } from '../../base/bounded.ts';
import { isGoBetween } from './go-betweens.ts';

const PACKAGES = '/node_modules/';

/** Code of the application outside of packages was seen: the package of the main script is a runner, then. */
let isSeen = false;
let mainPackage: string | undefined;

/** The frames of the application. `own`: the file of the agent. With `isDeep` there are no more frames to be had. */
export function applicationFrames(
  frames: readonly NodeJS.CallSite[],
  own: string | null | undefined,
  isDeep: boolean,
): readonly NodeJS.CallSite[] {
  const found = frames.filter((frame) => isOutside(frame.getFileName(), own) && !isPrisma(frame));
  if (found.length > 0) isSeen = true;
  if (found.length > 0 || !isDeep) return found;
  const prefix = askingPackage(frames, own) || (isSeen ? '' : (mainPackage ??= packageOf(mainScript())));
  return prefix === '' ? found : frames.filter((frame) => isInside(frame.getFileName(), prefix, own));
}

/** How often each package was met behind a driver. */
const met = new BoundedMap<string, number>(500);

/** Of the packages behind the driver that do not only pass on what others ask the one that is met most often; '': there is none. */
function askingPackage(frames: readonly NodeJS.CallSite[], own: string | null | undefined): string {
  const [driver, ...others] = packagesOf(frames, own);
  let asking = '';
  for (const found of others) {
    if (found === driver || isGoBetween(nameOf(found))) continue;
    met.set(found, (met.get(found) ?? 0) + 1);
    if (asking === '' || (met.get(found) ?? 0) > (met.get(asking) ?? 0)) asking = found;
  }
  return asking;
}

/** Each once, the innermost first. */
function packagesOf(frames: readonly NodeJS.CallSite[], own: string | null | undefined): ReadonlySet<string> {
  const packages = new Set<string>();
  for (const frame of frames) {
    const file = frame.getFileName();
    const found = typeof file === 'string' && file !== own ? packageOf(file) : '';
    if (found !== '') packages.add(found);
  }
  return packages;
}

export function isOutside(file: string | null | undefined, own: string | null | undefined): boolean {
  return (
    typeof file === 'string' &&
    file !== own &&
    !file.startsWith('node:') &&
    !file.startsWith('evalmachine') &&
    !file.includes(PACKAGES)
  );
}

/** Prisma copies its runtime beside the client that it generates. It is minified: nobody writes lines like that. */
const PRISMA = /\/runtime\/(?:client|library|binary)\.m?js$/;
const LONG_LINE = 500;

function isPrisma(frame: NodeJS.CallSite): boolean {
  return (frame.getColumnNumber() ?? 0) > LONG_LINE && PRISMA.test(frame.getFileName() ?? '');
}

/** In the package itself, not in one that is installed within. */
function isInside(file: string | null | undefined, prefix: string, own: string | null | undefined): boolean {
  if (typeof file !== 'string' || file === own) return false;
  const at = file.indexOf(prefix);
  return at >= 0 && !file.includes(PACKAGES, at + prefix.length - 1);
}

/** `@some/server` of `/app/node_modules/@some/server/` */
function nameOf(prefix: string): string {
  return prefix.slice(prefix.lastIndexOf(PACKAGES) + PACKAGES.length, -1);
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
