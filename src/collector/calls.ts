// Calls of the application into a library: when it called, when a pool let it through, from where. In: call, grant and
// call-site records. Out: what an operation needs of its call. Bounded: old calls are forgotten.

import { BoundedMap } from '../base/bounded.ts';
import { NEVER, type Nanos } from '../base/time.ts';
import type { Operation } from '../model/operation.ts';
import { HelperLines } from '../trace/helper-lines.ts';
import { callersIn } from './caller.ts';

/** More calls than one process has under way; an operation whose call was forgotten has no pool wait and no call site. */
const CALL_LIMIT = 50_000;
const CALL_SITE_LIMIT = 20_000;
/** A helper may call a helper. */
const FRAMES_OF_A_CALL_SITE = 4;
const NO_FRAMES: readonly Frame[] = [];

interface Frame {
  /** file:line:column */
  readonly line: string;
  /** '': not seen. */
  readonly caller: string;
}

interface Call {
  readonly request: number;
  readonly called: Nanos;
  callSite: number;
  granted: Nanos;
  /** End of the connection set-up that was made for it. */
  setUpEnd: Nanos;
  /** It had an operation: whatever comes after did not wait for the pool. */
  isServed: boolean;
}

export class Calls {
  readonly #calls = new BoundedMap<number, Call>(CALL_LIMIT);
  /** The innermost frame first. */
  readonly #callSites = new BoundedMap<number, readonly Frame[]>(CALL_SITE_LIMIT);
  readonly #helpers: HelperLines;

  constructor(helpers = new HelperLines()) {
    this.#helpers = helpers;
  }

  /** The second time only to tell the call site. */
  called(call: number, request: number, callSite: number, time: Nanos): void {
    const known = this.#calls.get(call);
    if (known !== undefined) {
      known.callSite = callSite;
      return;
    }
    this.#calls.set(call, {
      request,
      called: time,
      callSite,
      granted: NEVER,
      setUpEnd: NEVER,
      isServed: false,
    });
  }

  /** Returns the request that was let through, 0 when unknown. */
  granted(call: number, time: Nanos): number {
    const known = this.#calls.get(call);
    if (known === undefined) return 0;
    if (known.granted < 0) known.granted = time;
    return known.request;
  }

  /** `cwd`: where the process was started; files below it are named from there. */
  callSite(id: number, stack: string, cwd: string): void {
    const frames = callersIn(stack, cwd, FRAMES_OF_A_CALL_SITE).map((frame) =>
      cwd.length > 1 && frame.startsWith(`${cwd}/`) ? frame.slice(cwd.length + 1) : frame,
    );
    this.#callSites.set(
      id,
      frames.map((line, at) => ({ line, caller: callerOf(frames, at) })),
    );
  }

  /** file:line:column, '' when it was not told. */
  placeOf(callSite: number): string {
    return this.#callSites.get(callSite)?.[0]?.line ?? '';
  }

  /** The line that made the call; of a line that makes all calls, the one that called it. */
  #lineOf(callSite: number, statement: string): string {
    const frames = this.#callSites.get(callSite) ?? NO_FRAMES;
    for (const { line, caller } of frames) this.#helpers.note(line, caller, statement);
    return (frames.find(({ line }) => !this.#helpers.has(line)) ?? frames[0])?.line ?? '';
  }

  /** Sets called, granted and callSite. Of a call with more than one operation only the first has waited. */
  complete(operation: Operation): void {
    const call = this.#calls.get(operation.call);
    if (call === undefined) return;
    operation.callSite = this.#lineOf(call.callSite, operation.statement);
    if (operation.role === 'setup') {
      operation.called = earlier(
        call.called,
        operation.connectStart >= 0 ? operation.connectStart : operation.sent,
      );
      call.setUpEnd = operation.end;
      return;
    }
    if (call.isServed) return;
    call.isServed = true;
    operation.called =
      call.setUpEnd > call.called
        ? earlier(call.setUpEnd, operation.sent)
        : earlier(call.called, operation.sent);
    // A call that is noted together with its bytes says where it comes from; it began with the connection that was opened for it.
    if (operation.connectStart >= 0 && call.called >= operation.sent)
      operation.called = operation.connectStart;
    operation.granted = call.granted >= operation.called ? call.granted : NEVER;
  }
}

/** A comprehension and the function around it are frames of one line: what called that is the caller of both. */
function callerOf(frames: readonly string[], at: number): string {
  const line = withoutColumn(frames[at] ?? '');
  return frames.slice(at + 1).find((each) => withoutColumn(each) !== line) ?? '';
}

function withoutColumn(frame: string): string {
  return frame.slice(0, frame.lastIndexOf(':'));
}

/** A call noted after its own bytes were sent is nonsense: then the bytes count. */
function earlier(call: Nanos, sent: Nanos): Nanos {
  return sent >= 0 && sent < call ? sent : call;
}
