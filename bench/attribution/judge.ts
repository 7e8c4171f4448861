// Is every operation given to the request whose marker is in its bytes? In: a recording. Out: counts, and the first few mistakes.

import { callerIn } from '../../src/collector/caller.ts';
import { HIDDEN_REQUEST } from '../../src/record/layout.ts';
import { operationStarts } from './operation-starts.ts';
import type { Call, ContextEntry, Recording, Write } from './recording.ts';

export interface Verdict {
  /** Markers seen in what was written. */
  markers: number;
  right: number;
  hidden: number;
  wrong: number;
  /** Of those right: a call of the same request is known. */
  called: number;
  granted: number;
  /** ns from call to grant; to the write where the driver's grants are not known. */
  readonly waits: number[];
  /** Calls whose call site was sampled, by the innermost frame of it. */
  readonly frames: Map<string, number>;
  readonly mistakes: string[];
}

const MARKER = /RQ(\d+)Q/g;
const MISTAKES_SHOWN = 5;

/** Judges every marker of the recording. */
export function judge(recording: Recording): Verdict {
  const verdict: Verdict = {
    markers: 0,
    right: 0,
    hidden: 0,
    wrong: 0,
    called: 0,
    granted: 0,
    waits: [],
    frames: new Map(),
    mistakes: [],
  };
  for (const write of recording.writes)
    for (const marker of write.bytes.matchAll(MARKER)) judgeMarker(recording, verdict, write, marker);
  return verdict;
}

function judgeMarker(recording: Recording, verdict: Verdict, write: Write, marker: RegExpExecArray): void {
  verdict.markers++;
  const context = contextAt(write, marker.index);
  if (context === undefined || context.request === HIDDEN_REQUEST) {
    verdict.hidden++;
    return;
  }
  const target = recording.targets.get(context.request) ?? 'no request';
  const call = recording.calls.get(context.call);
  const isRight =
    target === `/request/${marker[1]}` && (call === undefined || call.request === context.request);
  if (isRight) {
    verdict.right++;
    if (call !== undefined) noteCall(recording, verdict, call, write);
    return;
  }
  verdict.wrong++;
  if (verdict.mistakes.length < MISTAKES_SHOWN)
    verdict.mistakes.push(`${marker[0]} given to ${target}: ${JSON.stringify(write.bytes.slice(0, 80))}`);
}

function contextAt(write: Write, at: number): ContextEntry | undefined {
  if (!write.isOrdered) return write.contexts.findLast((entry) => entry.offset <= at);
  const index = operationStarts(write.bytes).findLastIndex((start) => start <= at);
  return write.contexts[index];
}

function noteCall(recording: Recording, verdict: Verdict, call: Call, write: Write): void {
  verdict.called++;
  if (call.granted !== undefined) verdict.granted++;
  verdict.waits.push((call.granted ?? write.time) - call.time);
  const stack = recording.callSites.get(call.callSite);
  if (stack === undefined) return;
  const frame = callerIn(stack, recording.cwd);
  verdict.frames.set(frame, (verdict.frames.get(frame) ?? 0) + 1);
}
