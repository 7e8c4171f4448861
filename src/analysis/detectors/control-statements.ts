// D12, D28: round trips to a database that only prepare for others: SET, SELECT 1 on each checkout, a transaction around a single read.
// Evidence: statements that say nothing about data, one round trip each, on the way of the request.
// Thresholds: one in five round trips of the endpoint to that database, in half of its requests. BEGIN and COMMIT count only around a
// single read: around a write they are needed. A request that asks nothing else is a health check. What a new connection
// is told goes with opening it (new-connections.ts).
// Cannot tell: whether a setting is needed (a search path, a role): the finding names the statements.

import { formatWholeShare } from '../../base/numbers.ts';
import { emptyChange, NO_PHASES, setUpUs } from '../replay/change.ts';
import { lineOf, usualCallSite } from '../sample/occurrences.ts';
import { groupBy, type RequestNode, type SampledOperation } from '../sample/request-tree.ts';
import {
  endsTransaction,
  isControl,
  isRead,
  isReset,
  opensTransaction,
  shortStatement,
} from '../sample/statement-facts.ts';
import type { Sample } from '../sample/sample.ts';
import type { Detector, Steps, Suspicion } from './detector.ts';
import { controlFix, type ControlSeen } from './fixes.ts';

const LEAST_SHARE = 0.2;
const LEAST_SHARE_OF_REQUESTS = 0.5;

/** So many endpoints with the same extras: it is how connections are used everywhere, and one thing to mend. */
const ENDPOINTS_OF_A_HABIT = 3;

export const controlStatements: Detector = { kind: 'control-statements', detect: extrasOfServices };

function* extrasOfServices(sample: Sample): Steps {
  const found: Extras[] = [];
  for (const nodes of sample.byEndpoint.values()) {
    const operations = nodes.flatMap((node) => node.operations.filter(isQuery));
    for (const all of groupBy(operations, ({ dependency }) => dependency).values())
      found.push(...extrasOf(nodes, all));
    yield undefined;
  }
  for (const same of groupBy(found, habitOf).values())
    yield* (same.length < ENDPOINTS_OF_A_HABIT ? same : [together(same)]).flatMap(suspicionOf);
}

/** Of one endpoint, or of several that have the same. */
interface Extras {
  readonly nodes: readonly RequestNode[];
  /** Those that have some. */
  readonly found: readonly RequestNode[];
  readonly extras: readonly SampledOperation[];
  /** All round trips to the same database. */
  readonly trips: number;
}

/** Less of the extras is what a new connection asks for now and then. */
const PART_OF_A_HABIT = 0.1;

function habitOf({ nodes, extras }: Extras): string {
  const kinds = [...groupBy(extras, ({ statement }) => statement)]
    .filter(([, same]) => same.length >= PART_OF_A_HABIT * extras.length)
    .map(([statement]) => statement)
    .toSorted();
  return [nodes[0]?.request.service, extras[0]?.dependency, ...kinds].join('\n');
}

/** The endpoint with most of them stands for all. */
function together(same: readonly Extras[]): Extras {
  const byCount = same.toSorted((a, b) => b.extras.length - a.extras.length);
  return {
    nodes: byCount.flatMap(({ nodes }) => nodes),
    found: byCount.flatMap(({ found }) => found),
    extras: byCount.flatMap(({ extras }) => extras),
    trips: same.reduce((sum, { trips }) => sum + trips, 0),
  };
}

/** Connections that were opened for this request. */
function openedIn({ operations }: RequestNode): ReadonlySet<number> {
  const opening = operations.filter(({ role, phases }) => role === 'setup' || setUpUs(phases) > 0);
  return new Set(opening.map(({ connection }) => connection));
}

function isQuery({ protocol, role }: SampledOperation): boolean {
  return role === 'work' && (protocol === 'postgres' || protocol === 'mysql');
}

function extrasOf(nodes: readonly RequestNode[], all: readonly SampledOperation[]): Extras[] {
  const dependency = all[0]?.dependency ?? '';
  const some = nodes
    .map((node) => ({ node, extras: extrasIn(node, dependency) }))
    .filter(({ extras }) => extras.length > 0);
  const extras = some.flatMap((each) => each.extras);
  if (extras.length < LEAST_SHARE * all.length || some.length < LEAST_SHARE_OF_REQUESTS * nodes.length)
    return [];
  return extras.length === 0
    ? []
    : [{ nodes, found: some.map(({ node }) => node), extras, trips: all.length }];
}

function suspicionOf({ nodes, found, extras, trips }: Extras): Suspicion[] {
  const [at] = extras;
  const endpoint = nodes[0]?.request;
  if (at === undefined || endpoint === undefined) return [];
  const change = emptyChange();
  for (const { id } of extras) change.phases.set(id, NO_PHASES);
  const kinds = [...new Set(extras.map(wordOf))].slice(0, 3).join(', ');
  return [
    {
      kind: 'control-statements',
      title: `${formatWholeShare(extras.length / trips)} of the round trips to ${at.dependency} carry no data: ${kinds}`,
      endpoint,
      at,
      callSite: lineOf(usualCallSite(extras)),
      requests: found,
      lookedAt: nodes.length,
      change,
      confidence: 'medium',
      fix: controlFix(at, seenIn(extras)),
    },
  ];
}

function seenIn(extras: readonly SampledOperation[]): ControlSeen {
  const [edges, others] = [extras.filter(isEdge), extras.filter((each) => !isEdge(each))];
  const settings = others.filter(({ statement }) => /^(SET|USE)\b|set_config\(/i.test(statement));
  return {
    transactions: edges.length > 0,
    settings: settings.length > 0,
    tests: settings.length < others.length,
  };
}

const WORD_CHARS = 24;

/** `SELECT 1` says more than its verb; a long one is cut to that. */
function wordOf(extra: SampledOperation): string {
  return extra.statement.length <= WORD_CHARS ? extra.statement : shortStatement(extra);
}

function extrasIn(node: RequestNode, dependency: string): SampledOperation[] {
  const { operations } = node;
  const queries = operations.filter(
    (each) => isQuery(each) && each.dependency === dependency && !isReset(each),
  );
  const opened = openedIn(node);
  const extras = [...groupBy(queries, ({ connection }) => String(connection)).values()].flatMap((onOne) =>
    onOne.filter((each, index) =>
      isEdge(each) ? isAroundOneRead(onOne, index) : isControl(each) && !opened.has(each.connection),
    ),
  );
  // Asking nothing else is asking whether the database is there.
  return extras.length < queries.length ? extras : [];
}

function isEdge(operation: SampledOperation): boolean {
  return opensTransaction(operation) || endsTransaction(operation);
}

/** BEGIN, one read, COMMIT: `index` is that of either end. */
function isAroundOneRead(onOne: readonly SampledOperation[], index: number): boolean {
  const edge = onOne[index];
  if (edge === undefined) return false;
  const from = opensTransaction(edge) ? index : index - 2;
  const [begin, read, end] = onOne.slice(Math.max(0, from), from + 3);
  return (
    begin !== undefined &&
    read !== undefined &&
    end !== undefined &&
    opensTransaction(begin) &&
    endsTransaction(end) &&
    isRead(read) &&
    !isControl(read)
  );
}
