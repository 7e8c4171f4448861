// D15: an answer so large that receiving it takes much of the call.
// Evidence: bytes that came in, and the measured time from the first to the last of them; or how much longer the call takes than the usual
// statement to the same peer, as far as its bytes can explain that: who writes a large answer, or hands it on, sends its first byte late.
// Thresholds: half of the answers have 100 KB and more, and that time is a fifth of the time on the wire and 1 ms (on one host, where
// bytes cost next to nothing, nothing is said).
// Cannot tell: how much of it is needed. What is shown is the ceiling: an answer of 16 KB. Left out is what is handed on while it comes in,
// what its name calls a file: a download is meant to be large; and what comes compressed, up to 300 KB.

import { formatBytes, formatDuration } from '../../base/numbers.ts';
import { PhaseIndex } from '../../model/row.ts';
import { emptyChange, wireUs, withPhases, type Change } from '../replay/change.ts';
import { peerOf, type Peer } from '../sample/peers.ts';
import { lineOf, occurrencesOf, usualCallSite, type Occurrence } from '../sample/occurrences.ts';
import type { RequestNode, SampledOperation } from '../sample/request-tree.ts';
import type { Sample } from '../sample/sample.ts';
import { isControl, isServiceCall, names, shortStatement } from '../sample/statement-facts.ts';
import { medianOf } from '../statistics/chances.ts';
import { byEndpoint, type Detector, type Suspicion } from './detector.ts';
import { largeAnswerFix } from './fixes.ts';

const LEAST_BYTES = 100_000;
/** A page with a hundred rows and their texts may be meant to be as large as that: below it, confidence is low. */
const SURE_BYTES = 300_000;
const LEAST_SHARE = 0.2;
const LEAST_US = 1000;
/** 20 MB/s: a database or a service that makes its answer slower than that is busy with something else. */
const US_PER_BYTE = 0.05;
/** 250 MB/s: nobody finds, writes and sends them faster. So much of a call is theirs, whatever else the peer is asked. */
const LEAST_US_PER_BYTE = 0.004;
/** Of its answers: their requests had begun to answer by then. */
const HANDED_ON_SHARE = 0.5;
const FILES = new Set(
  'file download attachment image photo media video blob archive backup static asset pdf zip avatar thumbnail'.split(
    ' ',
  ),
);
/** About one round trip's worth: the initial window of TCP. */
const SMALL_BYTES = 16_384;

export const largeAnswer: Detector = {
  kind: 'large-answer',
  detect: (sample) =>
    byEndpoint(sample, (nodes) =>
      [...occurrencesOf(nodes).values()].flatMap((occurrences) => largeOf(sample, nodes, occurrences) ?? []),
    ),
};

/** µs that its bytes take. */
function bytesUs({ phases, bytesIn }: SampledOperation, { usualUs, roundTripUs }: Peer): number {
  const receiveUs = phases[PhaseIndex.receive] ?? 0;
  const wiresUs = wireUs(phases);
  return Math.max(
    receiveUs,
    Math.min(wiresUs - usualUs, bytesIn * US_PER_BYTE),
    Math.min(wiresUs - roundTripUs, bytesIn * LEAST_US_PER_BYTE),
  );
}

function largeOf(
  sample: Sample,
  nodes: readonly RequestNode[],
  occurrences: readonly Occurrence[],
): Suspicion | undefined {
  const operations = occurrences.flatMap((each) => each.operations);
  const [at] = operations;
  const endpoint = nodes[0]?.request;
  if (at === undefined || endpoint === undefined || isControl(at)) return undefined;
  const bytes = medianOf(operations.map(({ bytesIn }) => bytesIn));
  if (bytes < LEAST_BYTES || isFile(at) || isHandedOn(occurrences)) return undefined;
  if (isPacked(operations) && bytes < SURE_BYTES) return undefined;
  const peer = peerOf(sample, at);
  const takesUs = medianOf(operations.map((operation) => bytesUs(operation, peer)));
  const wiresUs = medianOf(operations.map(({ phases }) => wireUs(phases)));
  if (takesUs < LEAST_US || takesUs < LEAST_SHARE * wiresUs) return undefined;
  return {
    kind: 'large-answer',
    title: `${shortStatement(at)} returns ${formatBytes(bytes)} each time: its bytes take ${formatDuration(takesUs)}`,
    endpoint,
    at,
    callSite: lineOf(usualCallSite(operations)),
    requests: occurrences.map(({ node }) => node),
    lookedAt: nodes.length,
    change: smaller(operations, peer, ({ bytesIn }) => SMALL_BYTES / bytesIn),
    least: smaller(operations, peer, () => 0.5),
    confidence: bytes < SURE_BYTES ? 'low' : 'medium',
    isCeiling: true,
    fix: largeAnswerFix(at),
  };
}

/** Compressed, or no text: somebody has thought of its size. */
function isPacked(operations: readonly SampledOperation[]): boolean {
  return operations.every(({ isPlainText }) => isPlainText === false);
}

function isFile({ protocol, statement }: SampledOperation): boolean {
  return isServiceCall({ protocol }) && names(statement, FILES);
}

/** The answer to the request began before this one was here. */
function isHandedOn(occurrences: readonly Occurrence[]): boolean {
  const handedOn = occurrences.filter(({ node: { request }, operations }) => {
    const { firstByteUs = -1, atUs } = request;
    return firstByteUs >= 0 && operations.some((each) => each.atUs + each.durationUs > atUs + firstByteUs);
  });
  return handedOn.length >= HANDED_ON_SHARE * occurrences.length;
}

function smaller(
  operations: readonly SampledOperation[],
  peer: Peer,
  shareLeft: (operation: SampledOperation) => number,
): Change {
  const change = emptyChange();
  for (const operation of operations) {
    const { phases } = operation;
    const lessUs = bytesUs(operation, peer) * (1 - Math.min(1, shareLeft(operation)));
    const receiveUs = phases[PhaseIndex.receive] ?? 0;
    const receive = Math.round(Math.max(0, receiveUs - lessUs));
    const wait = Math.round(Math.max(0, (phases[PhaseIndex.wait] ?? 0) - (lessUs - (receiveUs - receive))));
    change.phases.set(operation.id, withPhases(phases, { receive, wait }));
  }
  return change;
}
