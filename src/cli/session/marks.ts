// Names for times of a recording, such as deploys: DIR/marks.jsonl, one JSON object on each line. In: a data folder. Out: names with their times.
// A mark stands for all that follows it, up to the next one. It can be set while somebody else records into the folder.

import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';

const Mark = v.object({ name: v.string(), at: v.number() });

/** `at` is ms since 1970. */
export type Mark = v.InferOutput<typeof Mark>;

function fileIn(folder: string): string {
  return join(folder, 'marks.jsonl');
}

/** @throws when the folder cannot be written to. */
export function addMark(folder: string, mark: Mark): void {
  appendFileSync(fileIn(folder), `${JSON.stringify(mark)}\n`);
}

/** By time. A line that is no mark (a disk was full) is passed over. */
export function readMarks(folder: string): readonly Mark[] {
  if (!existsSync(fileIn(folder))) return [];
  return readFileSync(fileIn(folder), 'utf8')
    .split('\n')
    .flatMap(markIn)
    .sort((a, b) => a.at - b.at);
}

function markIn(line: string): Mark[] {
  try {
    return [v.parse(Mark, JSON.parse(line))];
  } catch {
    return [];
  }
}
