// D16: a long text comes uncompressed over a way that is slow enough for its bytes to count.
// Evidence: what the heads of HTTP say (the kind of the body, no Content-Encoding), its bytes, and the time from the first to the last of them.
// Thresholds: half of the answers have 32 KB and more, and come at 25 MB/s at most (200 Mbit/s; faster than that, compressing takes as long as
// it saves), for 1 ms at least, which is a fifth of the time on the wire.
// Cannot tell: how well the text can be compressed (a quarter is left of JSON, at worst half); whether the other side was slow to make it, as
// long as all answers have one size: then confidence is low. HTTP/2, gRPC and heads that were not seen as a whole are not judged.

import { formatBytes, formatDuration } from '../../base/numbers.ts';
import { PhaseIndex } from '../../model/row.ts';
import { emptyChange, wireUs, withPhases, type Change } from '../replay/change.ts';
import { lineOf, occurrencesOf, usualCallSite, type Occurrence } from '../sample/occurrences.ts';
import type { RequestNode, SampledOperation } from '../sample/request-tree.ts';
import { shortStatement } from '../sample/statement-facts.ts';
import { correlation, medianOf } from '../statistics/chances.ts';
import { byEndpoint, type Detector, type Suspicion } from './detector.ts';
import { compressionFix } from './fixes.ts';

const LEAST_BYTES = 32_000;
/** 25 MB/s. */
const LEAST_US_PER_BYTE = 0.04;
const LEAST_US = 1000;
const LEAST_SHARE = 0.2;
/** More bytes take longer: it is the way that takes the time. */
const LEAST_CORRELATION = 0.6;
/** 50 MB/s to compress at the usual level, and 250 MB/s back: zlib on one core (JSON of rows: 45 to 60 and 140 to 350, Node 20, 2026-11). */
const WORK_US_PER_BYTE = 0.024;
/**
 * What is left of the bytes: JSON of rows has a sixth to a third, prose a third to a half. Servers compress while they send (compression in Express, nginx), so
 * the slower of both counts; at worst the whole is compressed first.
 */
const PACKED = {
  usual: { left: 0.25, workFirst: false },
  worst: { left: 0.5, workFirst: true },
  best: { left: 0.1, workFirst: false },
} as const;
type Packed = (typeof PACKED)[keyof typeof PACKED];

export const missingCompression: Detector = {
  kind: 'missing-compression',
  detect: (sample) =>
    byEndpoint(sample, (nodes) =>
      [...occurrencesOf(nodes).values()].flatMap((occurrences) => plainOf(nodes, occurrences) ?? []),
    ),
};

function receiveUs({ phases }: SampledOperation): number {
  return phases[PhaseIndex.receive] ?? 0;
}

function isSlow(operation: SampledOperation): boolean {
  const us = receiveUs(operation);
  return us >= LEAST_US && us >= operation.bytesIn * LEAST_US_PER_BYTE;
}

function plainOf(nodes: readonly RequestNode[], occurrences: readonly Occurrence[]): Suspicion | undefined {
  const isLong = ({ bytesIn, isPlainText }: SampledOperation): boolean =>
    isPlainText === true && bytesIn >= LEAST_BYTES;
  const all = occurrences.flatMap(({ operations }) => operations);
  const plain = all.filter((each) => isLong(each) && isSlow(each));
  const [at] = plain;
  const endpoint = nodes[0]?.request;
  if (at === undefined || endpoint === undefined || plain.length * 2 < all.length) return undefined;
  const takesUs = medianOf(plain.map(receiveUs));
  if (takesUs < LEAST_SHARE * medianOf(plain.map(({ phases }) => wireUs(phases)))) return undefined;
  const bytes = medianOf(plain.map(({ bytesIn }) => bytesIn));
  const followsBytes =
    correlation(plain.map((each) => [each.bytesIn, receiveUs(each)] as const)) >= LEAST_CORRELATION;
  const own = new Set(plain);
  return {
    kind: 'missing-compression',
    title: `${shortStatement(at)} returns ${formatBytes(bytes)} of text, uncompressed: receiving it takes ${formatDuration(takesUs)}`,
    endpoint,
    at,
    callSite: lineOf(usualCallSite(plain)),
    requests: occurrences
      .filter(({ operations }) => operations.some((each) => own.has(each)))
      .map(({ node }) => node),
    lookedAt: nodes.length,
    change: compressed(plain, PACKED.usual),
    least: compressed(plain, PACKED.worst),
    most: compressed(plain, PACKED.best),
    confidence: followsBytes ? 'medium' : 'low',
    fix: compressionFix(at),
  };
}

/** Compressing and back takes its time, too: it is never more than what goes. */
function compressed(operations: readonly SampledOperation[], { left, workFirst }: Packed): Change {
  const change = emptyChange();
  for (const operation of operations) {
    const { id, bytesIn, phases } = operation;
    const nowUs = receiveUs(operation);
    const sentUs = nowUs * left;
    const workUs = bytesIn * WORK_US_PER_BYTE;
    const receive = Math.round(Math.min(nowUs, workFirst ? sentUs + workUs : Math.max(sentUs, workUs)));
    change.phases.set(id, withPhases(phases, { receive }));
  }
  return change;
}
