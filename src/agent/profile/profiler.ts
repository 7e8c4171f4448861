// A CPU profile of this thread, for who has asked for it (WIRETIME_PROFILE=1). In: nothing. Out: places and looks as records, every few seconds.
// It begins with the program: later, when much code is loaded, to begin stops the thread for 40 to 350 ms (docs/decisions/0042-profile.md). For the same
// reason the next profile is begun before the last one ends. Not where an inspector or another profiler of Node's is on. Not here: what is in it.

import type { Session } from 'node:inspector';
import { now } from '../clock.ts';
import { noteProfiling } from '../cost/own-cost.ts';
import { active } from '../guard.ts';
import { noteHooked, noteNotVisible } from '../sending/coverage.ts';
import { ProfileReader } from './profile-reader.ts';

/** A block of 20 ms is seen four times. */
const INTERVAL_US = 5000;
const TICK_MS = 1000;
/** To change profiles takes 1 to 9 ms; what was not told is lost when a process is killed, and who tries it out does that after some seconds. */
const FIRST_TICKS = 10;
const TICKS = 5;
const OTHERS = /--(?:inspect|cpu-prof|heap-prof|experimental-test-coverage|prof\b)/;

const { setInterval, clearInterval } = process.getBuiltinModule('node:timers');

/** Begins. Returns what ends it and tells the rest; `undefined` when it is not to be. Never throws. */
export function startProfile(): (() => void) | undefined {
  try {
    if (isOtherOn()) return left('an inspector or another profiler is on');
    const profile = new Profile();
    noteHooked('CPU profile');
    return () => profile.end();
  } catch {
    return left('there is none');
  }
}

function left(reason: string): undefined {
  noteNotVisible(`CPU profile: ${reason}`);
  return undefined;
}

/** They would be told of our profiles. */
function isOtherOn(): boolean {
  const options = [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].join(' ');
  if (OTHERS.test(options) || process.env['NODE_V8_COVERAGE'] !== undefined) return true;
  return process.getBuiltinModule('node:inspector').url() !== undefined;
}

class Profile {
  readonly #inspector = process.getBuiltinModule('node:inspector');
  readonly #session: Session = new this.#inspector.Session();
  readonly #reader = new ProfileReader(INTERVAL_US);
  readonly #timer: NodeJS.Timeout;
  #ticks = 0;
  #number = 0;
  /** Not yet counted as own cost. */
  #looks = 0;
  #isOn = true;

  constructor() {
    this.#session.connect();
    this.#session.on('Profiler.consoleProfileFinished', ({ params }) => {
      if (params.title === this.#title) this.#looks += this.#reader.tell(params.profile);
    });
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.setSamplingInterval', { interval: INTERVAL_US });
    this.#inspector.console.profile(this.#title);
    this.#timer = setInterval(() => this.#guarded(() => this.#tick()), TICK_MS).unref();
  }

  get #title(): string {
    return `wiretime ${this.#number}`;
  }

  end(): void {
    this.#guarded(() => this.#end());
  }

  #tick(): void {
    this.#ticks++;
    if (this.#ticks <= FIRST_TICKS || this.#ticks % TICKS === 0) this.#turn();
  }

  #turn(): void {
    if (!active || isOtherOn()) return this.#end();
    this.#inspector.console.profile(`wiretime ${this.#number + 1}`);
    this.#inspector.console.profileEnd(this.#title);
    this.#number++;
  }

  #end(): void {
    if (!this.#isOn) return;
    this.#isOn = false;
    clearInterval(this.#timer);
    this.#inspector.console.profileEnd(this.#title);
    this.#session.disconnect();
  }

  /** Its own mistakes end it, and nothing else. */
  #guarded(work: () => void): void {
    const start = now();
    try {
      work();
    } catch {
      this.#isOn = false;
      clearInterval(this.#timer);
      this.#session.disconnect();
    }
    noteProfiling(now() - start, this.#looks);
    this.#looks = 0;
  }
}
