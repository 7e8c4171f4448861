// A few lines of a source file, for the page of a finding. In: a call site as recorded, the folders its processes ran in. Out: lines, or
// nothing. The place comes from the recording, never from a client, and is not trusted either: an agent could write any name.
// Read are only regular files of source code, below the folder of the process (also once links are followed), on this host.

import { open, realpath } from 'node:fs/promises';
import { extname, isAbsolute, resolve, sep } from 'node:path';

export interface SourceFile {
  readonly firstLine: number;
  readonly lines: readonly string[];
  readonly line: number;
  readonly absolutePath: string;
  /** ms since 1970 when it was last written: lines may have moved since. */
  readonly changedAt: number;
}

/** `file:line`, with or without column. */
export interface CodePlace {
  readonly file: string;
  readonly line: number;
}

const SOURCE_CODE = new Set(
  '.js .cjs .mjs .jsx .ts .cts .mts .tsx .py .vue .svelte .coffee'.split(' '), // What both runtimes run, or is compiled to it.
);
/** Before and after the line: a function of usual length is in sight. */
const LINES_BEFORE = 12;
const LINES_AFTER = 8;
/** A longer line is generated code; its begin is enough to recognize it. */
const LONGEST_LINE = 240;
/** Larger files are bundles: a place in them says nothing to a reader. 2 MiB are 40 000 lines of 50 characters. */
const LARGEST_BYTES = 2 * 1024 * 1024;

/** undefined: not a place in a file. */
export function codePlace(callSite: string): CodePlace | undefined {
  const [, file = '', line = ''] = /^(.+?):(\d{1,7})(?::\d+)?$/.exec(callSite) ?? [];
  return file === '' || Number(line) === 0 ? undefined : { file, line: Number(line) };
}

/** The first of the folders that has the file and the line. */
export async function readSource(
  place: CodePlace,
  folders: readonly string[],
): Promise<SourceFile | undefined> {
  for (const folder of folders) {
    const found = await readBelow(folder, place).catch(() => undefined);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Rejects when it cannot be read; undefined when it may not be. */
async function readBelow(folder: string, { file, line }: CodePlace): Promise<SourceFile | undefined> {
  if (!isAbsolute(folder) || isAbsolute(file) || !SOURCE_CODE.has(extname(file).toLowerCase()))
    return undefined;
  const root = await realpath(folder);
  const absolutePath = await realpath(resolve(root, file));
  const isBelow = absolutePath.startsWith(root.endsWith(sep) ? root : root + sep);
  // A link may lead to a file of another kind.
  if (!isBelow || !SOURCE_CODE.has(extname(absolutePath).toLowerCase())) return undefined;
  const handle = await open(absolutePath, 'r');
  try {
    const facts = await handle.stat();
    if (!facts.isFile() || facts.size > LARGEST_BYTES) return undefined;
    const text = await handle.readFile('utf8');
    return linesAround(text, line, absolutePath, facts.mtimeMs);
  } finally {
    await handle.close();
  }
}

function linesAround(
  text: string,
  line: number,
  absolutePath: string,
  changedAt: number,
): SourceFile | undefined {
  const all = text.split(/\r?\n/);
  if (line > all.length) return undefined;
  const firstLine = Math.max(1, line - LINES_BEFORE);
  const lines = all.slice(firstLine - 1, line + LINES_AFTER).map((each) => each.slice(0, LONGEST_LINE));
  return { firstLine, lines, line, absolutePath, changedAt };
}
