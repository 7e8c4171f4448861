// What could be made faster. In: a range. Out: findings, ranked by what they save: those of the whole range, and those that only the
// last requests show, because they are new. What somebody has seen to is not told again (finding-lives.ts).
// Not here: how findings are kept (finding-cache.ts), when a state changes (finding-progress.ts).

import type { Findings } from '../../analysis/engine.ts';
import { FINDING_STATES, type Finding } from '../../model/finding.ts';
import type { AskStore } from '../../store/store.ts';
import type { Range } from '../api.ts';
import { Credit } from './credit.ts';
import { createFindingCache, type FindingCache } from './finding-cache.ts';
import { FindingLives, type ChangingStore } from './finding-lives.ts';
import { goOn, type ProgressOptions } from './finding-progress.ts';
import { FindingThread } from './finding-thread.ts';

export interface FindingsSource extends FindingCache {
  /** For those that want to know more about findings, or to say something about one. */
  readonly progress: ProgressOptions;
  /** States have changed: what is kept is of no use. */
  forget(): void;
}

/**
 * 2.5 % of time in all, and 1 % while something is verified: at 2000 requests a second, where it matters, 12 µs for each. The last requests take a tenth of the time of all,
 * so what is new is there within seconds.
 */
const OFTEN = {
  all: { busyShare: 0.01, mostMs: 120_000 },
  latest: { busyShare: 0.015, mostMs: 20_000 },
  probe: { busyShare: 0.01, mostMs: 20_000 },
} as const;
/** Saved up for looking at what somebody has changed: some ten times. */
const PROBES_MS = 5000;
/** A range that ends so long ago has no last requests. */
const NOW_MS = 60_000;
/** Lives go on so often at most. */
const STEP_MS = 5000;

/** `store` keeps states; `named` is the same with names as people say them. */
export function createFindings(
  store: ChangingStore,
  named: AskStore = store,
  now: () => number = Date.now,
): FindingsSource {
  const thread = new FindingThread(named);
  const lives = new FindingLives(store);
  const hidden = async (): Promise<string[]> =>
    [...(await lives.all()).values()].filter(({ state }) => !isOpenState(state)).map(({ id }) => id);
  const all = createFindingCache(async (range) => thread.find(range, 'all', await hidden()), OFTEN.all);
  const latest = createFindingCache(
    async (range) => thread.find(range, 'latest', await hidden()),
    OFTEN.latest,
  );
  const probe = createFindingCache((range) => thread.find(range, 'all'), OFTEN.probe);
  const credit = new Credit(OFTEN.probe.busyShare, PROBES_MS);
  const progress: ProgressOptions = {
    store: named,
    lives,
    probe: (range) => credit.spend(() => probe.findings(range)),
    now,
  };
  const isOpen = ({ to }: Range): boolean => to === undefined || to > now() - NOW_MS;
  const forget = (): void => {
    all.clear();
    latest.clear();
  };
  const ask = async (range: Range, isFresh?: boolean): Promise<Findings> => {
    const recent = isOpen(range) ? latest.findings({}, isFresh) : undefined;
    const found = await all.findings(range, isFresh);
    return recent === undefined ? found : withNew(found, await recent);
  };
  let steppedAt = Number.NEGATIVE_INFINITY;
  let stepping: Promise<boolean> = Promise.resolve(false);
  /** True when something is not to be told any more. A recording that can only be looked at stays as it is. */
  const step = (found: Findings, isFresh = false): Promise<boolean> => {
    if (!isFresh && performance.now() - steppedAt < STEP_MS) return stepping;
    steppedAt = performance.now();
    stepping = stepping.then(async () => {
      const before = await hidden();
      await goOn(progress, found).catch(() => undefined);
      const isChanged = (await hidden()).join() !== before.join();
      if (isChanged) forget();
      return isChanged;
    });
    stepping.catch(() => undefined);
    return stepping;
  };
  return {
    progress,
    forget,
    clear: forget,
    has: (range) => all.has(range),
    async findings(range, isFresh) {
      const found = await ask(range, isFresh);
      return isOpen(range) && (await step(found, isFresh)) ? ask(range) : found;
    },
    async latest(range, patienceMs) {
      const both = [
        all.latest(range, patienceMs),
        isOpen(range) ? latest.latest({}, patienceMs) : undefined,
      ] as const;
      const [found, recent] = await Promise.all(both);
      if (found === undefined || recent === undefined) return found;
      const together = withNew(found, recent);
      step(together).catch(() => undefined);
      return together;
    },
  };
}

function isOpenState(state: string): boolean {
  return FINDING_STATES.some(({ key, list }) => key === state && list === 'open');
}

/** What only the last requests show comes with their numbers; its share is of the time since. */
function withNew(all: Findings, { findings, details, suspected, sinceMs }: Findings): Findings {
  const known = new Set(all.findings.map(({ id }) => id));
  // Few requests may look like another fault of the same calls: a chain whose words nobody had compared yet, like a loop.
  const told = new Set(all.findings.map(placeOf));
  const isTold = (finding: Finding): boolean => finding.statement !== '' && told.has(placeOf(finding));
  const added: Finding[] = findings
    .filter((finding) => !known.has(finding.id) && !isTold(finding))
    .map((finding) => ({ ...finding, newSince: sinceMs }));
  if (added.length === 0) return all;
  return {
    ...all,
    findings: added.reduce(insert, all.findings),
    details: new Map([...details, ...all.details]),
    suspected: new Map([...suspected, ...all.suspected]),
  };
}

function placeOf({ service, endpoint: { method, route }, dependency, statement }: Finding): string {
  return [service, method, route, dependency, statement].join('\n');
}

/** Before the first one that saves less. */
function insert(findings: readonly Finding[], added: Finding): readonly Finding[] {
  const at = findings.findIndex(({ marginalShare }) => marginalShare < added.marginalShare);
  return findings.toSpliced(at < 0 ? findings.length : at, 0, added);
}
