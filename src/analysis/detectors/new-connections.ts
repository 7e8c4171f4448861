// D7, D8, D9: calls open a connection of their own where an open one could be used.
// Evidence: measured DNS, TCP and TLS before a call, or a login, on connections that see one or a few calls.
// Counted for one statement of one endpoint: the rest of the service may use a pool to the same dependency.
// Thresholds: 20 % of those calls, 8 openings, and twice as many as were ever alive at once, from first to last use: the connections of a
// pool stay, however slowly it fills. The share also holds for the later half of the calls: what a process opens when it starts is none.
// Who ends the connections is told where answers of HTTP say so. Cannot tell: who else closed one. Predictions are lower bounds: a part of TLS 1.3 lies in the first answer, and handshakes
// take CPU on both sides.

import { formatDuration, formatWholeShare } from '../../base/numbers.ts';
import type { FindingKind } from '../../model/finding.ts';
import { CategoryIndex } from '../../model/category.ts';
import { PhaseIndex } from '../../model/row.ts';
import { emptyChange, NO_PHASES, setUpUs, withPhases, type ChangeBuilder } from '../replay/change.ts';
import { lineOf, statementKey, usualCallSite } from '../sample/occurrences.ts';
import { endpointKey, groupBy, type RequestNode, type SampledOperation } from '../sample/request-tree.ts';
import type { Sample } from '../sample/sample.ts';
import { medianOf } from '../statistics/chances.ts';
import type { Detector, Steps, Suspicion } from './detector.ts';
import { keepConnectionFix, keepOpenFix, lookUpFix } from './fixes.ts';

const LEAST_SHARE = 0.2;
/** Of a process that starts or a pool that fills: nothing of it goes on for so long and in the later half. */
const LEAST_OPENINGS = 8;
const OPENINGS_PER_ALIVE_AT_ONCE = 2;
/** Of all calls of a service to a dependency, or of its requests: then nothing is shared anywhere, and there is one thing to mend. */
const NOTHING_SHARED = 0.8;
/** Of opening a connection: then looking up the name is what takes the time. */
const MOST_DNS_SHARE = 0.5;
/** A name that is known on the machine takes less. */
const LEAST_DNS_US = 1000;
/** Calls that one connection serves. */
const SEVERAL = 1.5;
/** "Every call", in words. */
const EVERY_SHARE = 0.9;
/** As the most frequent place, less would be one by chance. */
const AS_FREQUENT = 0.5;
/** First answers are compared with later ones only when there are so many of both. */
const LEAST_TO_COMPARE = 5;

export const newConnections: Detector = {
  kind: 'new-connections',
  detect: (sample) => churnIn(sample, 'new-connections'),
};

export const dnsPerCall: Detector = {
  kind: 'dns-per-call',
  detect: (sample) => churnIn(sample, 'dns-per-call'),
};

export const tlsPerCall: Detector = {
  kind: 'tls-per-call',
  detect: (sample) => churnIn(sample, 'tls-per-call'),
};

/** What one service does with its connections to one dependency, in one or more places. */
interface Use {
  /** Work, by start. */
  readonly calls: readonly SampledOperation[];
  /** Calls whose connection was opened for them. */
  readonly openers: readonly SampledOperation[];
  /** Connection → its logins. */
  readonly logins: Logins;
  /** All work of the service with that dependency. */
  readonly all: readonly SampledOperation[];
}

type Logins = ReadonlyMap<number, readonly SampledOperation[]>;

function* churnIn(sample: Sample, kind: FindingKind): Steps {
  const groups = groupBy(
    sample.nodes.flatMap((node) => node.operations.map((operation) => ({ node, operation }))),
    ({ node, operation }) => `${node.request.service}\n${operation.dependency}`,
  );
  // Before a login its connection may have another name: which database it is for is not known yet.
  const logins = loginsOf(sample.nodes.flatMap((node) => node.operations));
  for (const group of groups.values()) {
    for (const use of churnsOf(
      sample,
      group.map(({ operation }) => operation),
      logins,
    ))
      if (kindOf(use) === kind) yield* suspicionOf(sample, kind, use);
    yield undefined;
  }
}

/** One for each line that opens connections; one for all of them when there is hardly any other call. */
function churnsOf(sample: Sample, operations: readonly SampledOperation[], logins: Logins): Use[] {
  const all = operations.filter(({ role }) => role === 'work').toSorted((a, b) => a.atUs - b.atUs);
  const opening = openersOf(all, logins);
  if (opening.size < LEAST_OPENINGS) return [];
  const places = groupBy(all, (call) => placeOf(sample, call));
  const churns = [...places.values()]
    .map((calls): Use => ({ calls, openers: calls.filter((call) => opening.has(call)), logins, all }))
    .filter((use) => isChurn(use, all));
  const isHabit = isNothingShared(sample, churns, all);
  const byLine = groupBy(churns, ({ openers }) => (isHabit ? '' : lineOf(usualCallSite(openers))));
  return [...byLine.values()].map(together);
}

/** Nearly all calls are such, or nearly each request has a connection of its own for all of its calls. */
function isNothingShared(sample: Sample, churns: readonly Use[], all: readonly SampledOperation[]): boolean {
  const calls = churns.reduce((sum, use) => sum + use.calls.length, 0);
  const openers = churns.reduce((sum, use) => sum + use.openers.length, 0);
  return calls >= NOTHING_SHARED * all.length || openers >= NOTHING_SHARED * requestsOf(sample, all).length;
}

function placeOf(sample: Sample, call: SampledOperation): string {
  const request = sample.byOperation.get(call.id)?.request;
  return `${request === undefined ? '' : endpointKey(request)}\n${statementKey(call)}`;
}

function together(uses: readonly Use[]): Use {
  return {
    calls: uses.flatMap(({ calls }) => calls).toSorted((a, b) => a.atUs - b.atUs),
    openers: uses.flatMap(({ openers }) => openers).toSorted((a, b) => a.atUs - b.atUs),
    logins: uses[0]?.logins ?? new Map(),
    all: uses[0]?.all ?? [],
  };
}

function loginsOf(operations: readonly SampledOperation[]): Logins {
  const logins = new Map<number, SampledOperation[]>();
  for (const operation of operations)
    if (operation.role === 'setup')
      logins.set(operation.connection, [...(logins.get(operation.connection) ?? []), operation]);
  return logins;
}

function openersOf(calls: readonly SampledOperation[], logins: Logins): ReadonlySet<SampledOperation> {
  const seen = new Set<number>();
  const openers = calls.filter((call) => {
    const isFirst = !seen.has(call.connection);
    seen.add(call.connection);
    return isFirst && (setUpUs(call.phases) > 0 || logins.has(call.connection));
  });
  return new Set(openers);
}

/** `all`: of the service, to the same dependency. */
function isChurn({ calls, openers }: Use, all: readonly SampledOperation[]): boolean {
  return (
    openers.length >= LEAST_OPENINGS &&
    openers.length >= LEAST_SHARE * calls.length &&
    goesOn(calls, openers) &&
    openers.length >= OPENINGS_PER_ALIVE_AT_ONCE * mostAliveAtOnce(openers, all)
  );
}

/** Also in the later half of the calls: a pool has filled by then. */
function goesOn(calls: readonly SampledOperation[], openers: readonly SampledOperation[]): boolean {
  const later = calls.slice(calls.length >> 1);
  const opening = new Set(openers);
  return later.filter((call) => opening.has(call)).length >= LEAST_SHARE * later.length;
}

/** Connections that were opened here, each from its first to its last use by anybody. */
function mostAliveAtOnce(openers: readonly SampledOperation[], all: readonly SampledOperation[]): number {
  const until = new Map(openers.map(({ connection }) => [connection, 0]));
  for (const { connection, atUs, durationUs } of all) {
    const known = until.get(connection);
    if (known !== undefined) until.set(connection, Math.max(known, atUs + durationUs));
  }
  let most = 0;
  let ends: number[] = [];
  for (const { atUs, connection } of openers) {
    ends = ends.filter((end) => end > atUs);
    ends.push(until.get(connection) ?? atUs);
    most = Math.max(most, ends.length);
  }
  return most;
}

function kindOf({ openers, logins }: Use): FindingKind {
  const dnsUs = openers.reduce((sum, { phases }) => sum + (phases[PhaseIndex.dns] ?? 0), 0);
  const allUs = openers.reduce((sum, { phases }) => sum + setUpUs(phases), 0);
  if (dnsUs > MOST_DNS_SHARE * allUs && dnsUs >= LEAST_DNS_US * openers.length) return 'dns-per-call';
  const secured = openers.filter(
    (call) =>
      tlsOf(call) + (logins.get(call.connection) ?? []).reduce((sum, each) => sum + tlsOf(each), 0) > 0,
  );
  return secured.length * 2 >= openers.length ? 'tls-per-call' : 'new-connections';
}

/** Of the calls that opened one: the next has none to use, whatever this side does. */
const CLOSED_SHARE = 0.8;

function isClosedByPeer(openers: readonly SampledOperation[]): boolean {
  return openers.filter(({ peerCloses }) => peerCloses === true).length >= CLOSED_SHARE * openers.length;
}

function tlsOf({ phases }: SampledOperation): number {
  return phases[PhaseIndex.tls] ?? 0;
}

function suspicionOf(sample: Sample, kind: FindingKind, use: Use): Suspicion[] {
  const { calls, openers, logins } = use;
  const most = mostOf(sample, openers);
  const at = most[0];
  const endpoint = at && sample.byOperation.get(at.id)?.request;
  if (at === undefined || endpoint === undefined) return [];
  const setUps = openers.map(
    ({ phases, connection }) =>
      setUpUs(phases) + (logins.get(connection) ?? []).reduce((sum, { durationUs }) => sum + durationUs, 0),
  );
  const reused = reuse(use);
  const what = kind === 'tls-per-call' ? 'TLS connection' : 'connection';
  const doPeersClose = isClosedByPeer(openers);
  const because = doPeersClose ? ', which ends each with its answer' : '';
  const often = howOften(sample, use, at.dependency);
  const title =
    kind === 'dns-per-call'
      ? `The name of ${at.dependency} is looked up for ${oftenOf(openers.length / calls.length, 'call')}: ${formatDuration(medianOf(setUps))} before each`
      : `A new ${what} ${often}${because}: ${formatDuration(medianOf(setUps))} before each`;
  return [
    {
      kind,
      title,
      endpoint,
      at,
      callSite: lineOf(usualCallSite(most)),
      requests: requestsOf(sample, openers),
      lookedAt: requestsOf(sample, calls).length,
      change: withoutCodeAround(sample, use, reused),
      least: reused,
      confidence: 'high',
      fix: doPeersClose ? keepOpenFix() : kind === 'dns-per-call' ? lookUpFix() : keepConnectionFix(at),
    },
  ];
}

/** A connection that serves several calls of a request is one for each request. */
function howOften(sample: Sample, { calls, openers, all }: Use, dependency: string): string {
  const connections = new Set(openers.map(({ connection }) => connection));
  const served = all.filter(({ connection }) => connections.has(connection));
  if (served.length < SEVERAL * openers.length)
    return `for ${oftenOf(openers.length / calls.length, 'call')} to ${dependency}`;
  const requests = requestsOf(sample, calls);
  const what = requests[0]?.request.method === 'TASK' ? 'task' : 'request';
  return `to ${dependency} for ${oftenOf(openers.length / requests.length, what)}`;
}

function oftenOf(share: number, what: 'call' | 'request' | 'task'): string {
  return share >= EVERY_SHARE ? `every ${what}` : `${formatWholeShare(share)} of the ${what}s`;
}

/**
 * Those of the usual line, of one endpoint with one statement, to stand for all of them. Several that are about as frequent take turns
 * from one sample to the next, and the finding would be another one each time: so the first of these by name.
 */
function mostOf(sample: Sample, openers: readonly SampledOperation[]): readonly SampledOperation[] {
  const line = lineOf(usualCallSite(openers));
  const there = openers.filter(({ callSite }) => lineOf(callSite) === line);
  const groups = [...groupBy(there.length > 0 ? there : openers, (call) => placeOf(sample, call))];
  const most = Math.max(...groups.map(([, calls]) => calls.length));
  const frequent = groups.filter(([, calls]) => calls.length >= AS_FREQUENT * most);
  return frequent.toSorted(([a], [b]) => (a < b ? -1 : 1))[0]?.[1] ?? [];
}

function requestsOf(sample: Sample, operations: readonly SampledOperation[]): RequestNode[] {
  return [...new Set(operations.flatMap(({ id }) => sample.byOperation.get(id) ?? []))];
}

/** All but the first opening go. First answers are as fast as later ones of the same statement, where both were seen. */
function reuse({ all, openers, logins }: Use): ChangeBuilder {
  const change = emptyChange();
  const less = firstAnswers(all, openers);
  for (const call of openers.slice(1)) {
    const { sendUs = 0, waitUs = 0 } = less.get(statementKey(call)) ?? {};
    const send = Math.max(0, phaseOf(call, PhaseIndex.send) - sendUs);
    const wait = Math.max(0, phaseOf(call, PhaseIndex.wait) - waitUs);
    change.phases.set(call.id, withPhases(call.phases, { dns: 0, tcp: 0, tls: 0, send, wait }));
    for (const { id } of logins.get(call.connection) ?? []) change.phases.set(id, NO_PHASES);
  }
  return change;
}

function phaseOf({ phases }: SampledOperation, phase: number): number {
  return phases[phase] ?? 0;
}

/** µs by which the first call on a connection is slower than others: it is prepared first, and a part of TLS 1.3 lies in its answer. */
interface FirstAnswer {
  readonly sendUs: number;
  readonly waitUs: number;
}

/** By statement, where both were seen. */
function firstAnswers(
  all: readonly SampledOperation[],
  openers: readonly SampledOperation[],
): ReadonlyMap<string, FirstAnswer> {
  const isOpener = new Set(openers);
  const less = new Map<string, FirstAnswer>();
  for (const [key, same] of groupBy(all, statementKey)) {
    const first = same.filter((call) => isOpener.has(call));
    const later = same.filter((call) => !isOpener.has(call));
    if (Math.min(first.length, later.length) < LEAST_TO_COMPARE) continue;
    const more = (phase: number): number =>
      Math.max(
        0,
        medianOf(first.map((call) => phaseOf(call, phase))) -
          medianOf(later.map((call) => phaseOf(call, phase))),
      );
    less.set(key, { sendUs: more(PhaseIndex.send), waitUs: more(PhaseIndex.wait) });
  }
  return less;
}

/** The code around a handshake goes, too: making a client before it, and waiting until the connection is closed after it. */
function withoutCodeAround(sample: Sample, { openers, logins }: Use, reused: ChangeBuilder): ChangeBuilder {
  const change = { ...reused, gapsUs: new Map(reused.gapsUs) };
  for (const call of openers.slice(1)) {
    const node = sample.byOperation.get(call.id);
    if (node === undefined) continue;
    const { id } = node.request;
    const own = logins.get(call.connection) ?? [];
    const openingUs = setUpUs(call.phases) + own.reduce((sum, { durationUs }) => sum + durationUs, 0);
    const us = handshakeGapsUs(node, call, own) + Math.min(openingUs, closingUs(node, call));
    if (us > 0) change.gapsUs.set(id, (change.gapsUs.get(id) ?? 0) + us);
  }
  return change;
}

/** Between the first step of a login and the call for which it was made, with nothing under way. */
function handshakeGapsUs(
  { operations }: RequestNode,
  call: SampledOperation,
  logins: readonly SampledOperation[],
): number {
  let coveredUntilUs = Math.min(call.atUs, ...logins.map(({ atUs }) => atUs));
  let us = 0;
  for (const { atUs, durationUs } of operations) {
    const untilUs = Math.min(atUs, call.atUs);
    us += Math.max(0, untilUs - coveredUntilUs);
    coveredUntilUs = Math.max(coveredUntilUs, untilUs, Math.min(atUs + durationUs, call.atUs));
  }
  return us;
}

/**
 * After the last answer on a connection of its own the request waits, with nothing under way and no code that runs: for the end of it. That
 * is one way there and back, so it takes no longer than opening did; the rest is something else, such as a thread that has no core.
 */
function closingUs({ request, operations }: RequestNode, { connection }: SampledOperation): number {
  const last = operations.findLast((each) => each.connection === connection);
  if (last === undefined) return 0;
  const fromUs = last.atUs + last.durationUs;
  const next = operations.find(({ atUs }) => atUs >= fromUs);
  const untilUs = next?.atUs ?? request.atUs + request.durationUs;
  const idleUs = request.ownCategories[CategoryIndex.other] ?? 0;
  return Math.max(0, Math.min(idleUs, untilUs - fromUs));
}
