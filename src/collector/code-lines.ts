// Which lines of code ran, and for whom. In: a profiler's places and looks, later than they happened, and what the thread's clock says about whose
// code ran then. Out: sums by minute, endpoint and line, of all looks and of those within stretches that kept the thread busy for long.
// Not here: which line a place is (code-place.ts).

import { BoundedMap } from '../base/bounded.ts';
import { nanosToMicros, type Nanos } from '../base/time.ts';
import type { CodeLineRow } from '../model/row.ts';
import type { CodeHandler } from '../record/record-handler.ts';
import type { LiveRequest } from '../trace/live-request.ts';
import { codePlaceOf, type CodePlace } from './code-place.ts';
import type { ProcessState } from './process-state.ts';

const PLACE_LIMIT = 5000;
/** Looks that wait until the requests they belong to have ended: 40 s of a busy thread. */
const WAITING_LIMIT = 8000;
/** Lines between two takes; beyond them time is summed without a line. */
const SUM_LIMIT = 5000;
/** So long one request keeps the thread, then it blocks it. As `blocked-loop` has it. */
const BLOCKED_US = 10_000;
/** Between two looks that stand for all the time from one to the other. */
const GAP_US = 10_000;
const MINUTE_US = 60_000_000;

const NOWHERE: CodePlace = { callSite: '', name: '', called: '', callers: '' };

interface Look {
  readonly timeNs: Nanos;
  readonly thread: number;
  readonly place: number;
  readonly us: number;
  readonly isBlockedOnly: boolean;
}

/** Looks one after the other that saw the same request run. */
interface Stretch {
  readonly request: LiveRequest | undefined;
  readonly looks: Look[];
  us: number;
}

interface Sum extends CodeLineRow {
  us: number;
  blockedUs: number;
  looks: number;
}

export class CodeLines implements CodeHandler {
  readonly #state: ProcessState;
  readonly #places = new BoundedMap<number, CodePlace>(PLACE_LIMIT);
  #waiting: Look[] = [];
  #sums = new Map<string, Sum>();
  #thread = 0;
  #isBlockedOnly = false;

  constructor(state: ProcessState) {
    this.#state = state;
  }

  place(place: number, frames: string, called: string): void {
    this.#places.set(place, codePlaceOf(frames, called, this.#state.info.cwd));
  }

  /** What was told before is settled: most requests of that time have ended, and their routes are known. */
  looks(thread: number, isBlockedOnly: boolean): void {
    this.#settle();
    this.#thread = thread;
    this.#isBlockedOnly = isBlockedOnly;
  }

  look(time: Nanos, place: number, us: number): void {
    if (this.#waiting.length >= WAITING_LIMIT) return;
    const look = { timeNs: time, thread: this.#thread, place, us, isBlockedOnly: this.#isBlockedOnly };
    this.#waiting.push(look);
  }

  /** Nothing more will come. */
  end(): void {
    this.#settle();
  }

  /** Everything that was settled since the last call. */
  take(): CodeLineRow[] {
    const rows = [...this.#sums.values()];
    this.#sums = new Map();
    return rows;
  }

  #settle(): void {
    for (const stretch of this.#stretches()) this.#keep(stretch);
    this.#waiting = [];
  }

  #stretches(): Stretch[] {
    const stretches: Stretch[] = [];
    let endUs = Number.NEGATIVE_INFINITY;
    for (const look of this.#waiting) {
      const request = this.#requestAt(look);
      const startUs: number = nanosToMicros(look.timeNs);
      const last = stretches.at(-1);
      if (last !== undefined && last.request === request && startUs - endUs <= GAP_US) {
        last.looks.push(look);
        last.us += look.us;
      } else stretches.push({ request, looks: [look], us: look.us });
      endUs = startUs + look.us;
    }
    return stretches;
  }

  /** The request whose code ran; none: nobody's, as far as is known. */
  #requestAt({ timeNs, thread }: Look): LiveRequest | undefined {
    const live = this.#state.requestOf(this.#state.loop.ownerAt(timeNs, thread));
    if (live === undefined) return undefined;
    const { start, end } = live.request;
    return start <= timeNs && (end < start || timeNs <= end) ? live : undefined;
  }

  #keep({ request, looks, us }: Stretch): void {
    const isBlocked = us >= BLOCKED_US;
    for (const look of looks) {
      const sum = this.#sumOf(request, look);
      sum.looks++;
      if (!look.isBlockedOnly) sum.us += look.us;
      if (isBlocked) sum.blockedUs += look.us;
    }
  }

  #sumOf(live: LiveRequest | undefined, { timeNs, place }: Look): Sum {
    const { info, wallOffsetUs } = this.#state;
    const minute = Math.floor((nanosToMicros(timeNs) + wallOffsetUs) / MINUTE_US);
    const known = this.#sums.size < SUM_LIMIT ? this.#places.get(place) : undefined;
    const { callSite, name, called, callers } = known ?? NOWHERE;
    const { method = '', route = '' } = live?.request ?? {};
    const key = `${minute}\n${method} ${route}\n${callSite}\n${name}\n${called}\n${callers}`;
    let sum = this.#sums.get(key);
    if (sum === undefined) {
      const sums = { us: 0, blockedUs: 0, looks: 0 };
      sum = { minute, service: info.service, method, route, callSite, name, called, callers, ...sums };
      this.#sums.set(key, sum);
    }
    return sum;
  }
}
