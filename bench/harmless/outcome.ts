// Is a program the same with the agent as without? In: how it ended, with and without, several times. Out: equal, differing, or not to be told.

import type { Ended } from './program.ts';

export type Verdict =
  /** Ends alike, prints alike. */
  | 'equal'
  /** Ends alike; what it prints differs in more than numbers, addresses and times. */
  | 'output'
  /** Always ends in one way without the agent, and never in that way with it. */
  | 'differs'
  /** Ends sometimes so, sometimes so. */
  | 'flaky'
  /** Fails without the agent, too: says nothing of the agent. */
  | 'fails anyway';

export interface Judged {
  readonly name: string;
  readonly verdict: Verdict;
  readonly bare: string;
  readonly traced: string;
  /** Where the two part, for a reader. */
  readonly excerpt: string;
  /** The agent took notes: it was not merely loaded. */
  readonly records: number;
  readonly agentErrors: readonly string[];
}

const RETRIES = 3;

/** Runs each side once; when they differ, each again until it is clear whether it is the agent. */
export async function compare(name: string, side: (isTraced: boolean) => Promise<Ended>): Promise<Judged> {
  const bare = [await side(false)];
  const traced = [await side(true)];
  while (bare.length < RETRIES && !areAlike(bare, traced)) {
    bare.push(await side(false));
    traced.push(await side(true));
  }
  return judge(name, bare, traced);
}

function areAlike(bare: readonly Ended[], traced: readonly Ended[]): boolean {
  return last(bare).how === last(traced).how && printed(last(bare)) === printed(last(traced));
}

function judge(name: string, bare: readonly Ended[], traced: readonly Ended[]): Judged {
  const reported = last(traced).reported;
  return {
    name,
    verdict: verdictOf(bare, traced),
    bare: last(bare).how,
    traced: last(traced).how,
    excerpt: areAlike(bare, traced) ? '' : firstDifference(printed(last(bare)), printed(last(traced))),
    records: reported?.records ?? 0,
    agentErrors: [
      ...traced.flatMap((ended) => ended.reported?.errors ?? []),
      ...(reported !== undefined && reported.brokenStreams > 0 ? ['the stream of records is broken'] : []),
    ],
  };
}

function verdictOf(bare: readonly Ended[], traced: readonly Ended[]): Verdict {
  const ways = new Set(bare.map(({ how }) => how));
  if (!ways.has('code 0')) return 'fails anyway';
  if (ways.size > 1) return 'flaky';
  if (traced.every(({ how }) => !ways.has(how))) return 'differs';
  if (last(traced).how !== last(bare).how) return 'flaky';
  return areAlike(bare, traced) ? 'equal' : 'output';
}

/** Without what differs from run to run. */
function printed({ stdout, stderr }: Ended): string {
  return `${stdout}\n${stderr}`
    .replaceAll(/0x[\da-f]+/gi, '0x')
    .replaceAll(/[\w./-]*wiretime[\w./:-]*/g, 'AGENT')
    .replaceAll(/\d+/g, 'N')
    .trim();
}

function firstDifference(one: string, other: string): string {
  const left = one.split('\n');
  const right = other.split('\n');
  const at = Math.max(
    0,
    right.findIndex((line, index) => line !== left[index]),
  );
  return right
    .slice(at, at + 12)
    .join('\n')
    .slice(0, 1200);
}

function last(ended: readonly Ended[]): Ended {
  const found = ended.at(-1);
  if (found === undefined) throw new Error('a program that never ran');
  return found;
}
