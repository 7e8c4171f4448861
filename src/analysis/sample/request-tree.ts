// Requests with their operations, linked across services. In: rows. Out: nodes that know their callers and callees.
// Not here: where rows come from (answer/), what they mean (detectors/).

import type { EndpointName } from '../../model/finding.ts';
import type { OperationRow, RequestRow } from '../../model/row.ts';
import { endedWhenGivenUp } from './given-up.ts';
import { templatesOf } from './learnt-paths.ts';

export type SampledRequest = Pick<
  RequestRow,
  | 'id'
  | 'traceId'
  | 'parentOperation'
  | 'service'
  | 'process'
  | 'method'
  | 'route'
  | 'isError'
  | 'atUs'
  | 'durationUs'
  | 'ownCategories'
> &
  Partial<Pick<RequestRow, 'firstByteUs'>>;

export type SampledOperation = Omit<OperationRow, 'service' | 'attribution' | 'isBlocking' | 'errorType'> & {
  /** Of its process; only where no line says so. */
  readonly language?: Language;
};

export type Language = 'javascript' | 'python';

/** One request. Nodes are linked while a sample is put together and not changed after. */
export interface RequestNode {
  readonly request: SampledRequest;
  /** By start. */
  readonly operations: readonly SampledOperation[];
  /** Operation id → the request that it asked for in another traced process. */
  readonly callees: Map<number, RequestNode>;
  caller: RequestNode | undefined;
  /** Number of its block of time, from 0. */
  readonly block: number;
  /** The requests of its endpoint in the sample, itself included. */
  siblings: readonly RequestNode[];
  /** What happened beside it is not in the sample: nothing can be said about lines and busy loops. */
  readonly isAlone: boolean;
}

/** A stretch of the recording with everything in it; or single requests of such a stretch, without what was beside them. */
export interface SampledBlock {
  readonly requests: readonly SampledRequest[];
  readonly operations: readonly SampledOperation[];
  /** Number of the block of time; absent: its place in the list. */
  readonly block?: number;
  readonly isAlone?: boolean;
}

export function requestNodes(blocks: readonly SampledBlock[]): RequestNode[] {
  const templateOf = templatesOf(blocks.flatMap(({ operations }) => operations));
  const nodes = blocks.flatMap((block, place) => nodesOf(block, place, templateOf));
  const byOperation = new Map<number, RequestNode>();
  for (const node of nodes) for (const { id } of node.operations) byOperation.set(id, node);
  for (const node of nodes) link(node, byOperation.get(node.request.parentOperation));
  return nodes;
}

function nodesOf(
  { requests, operations, block, isAlone = false }: SampledBlock,
  place: number,
  templateOf: (operation: SampledOperation) => string | undefined,
): RequestNode[] {
  const byRequest = new Map<number, SampledOperation[]>(requests.map(({ id }) => [id, []]));
  for (const operation of operations) {
    const statement = templateOf(operation);
    byRequest.get(operation.request)?.push(statement === undefined ? operation : { ...operation, statement });
  }
  return requests.map((request) => ({
    request,
    operations: endedWhenGivenUp(
      (byRequest.get(request.id) ?? []).sort((a, b) => a.atUs - b.atUs || a.id - b.id),
    ),
    callees: new Map(),
    caller: undefined,
    siblings: [],
    block: block ?? place,
    isAlone,
  }));
}

/** Of calls without a line the language of their process, where that is known. */
export function inLanguages(block: SampledBlock, languages: ReadonlyMap<number, Language>): SampledBlock {
  const operations = block.operations.map((operation) => {
    const language = operation.callSite === '' ? languages.get(operation.process) : undefined;
    return language === undefined ? operation : { ...operation, language };
  });
  return { ...block, operations };
}

function link(node: RequestNode, caller: RequestNode | undefined): void {
  if (caller === undefined) return;
  node.caller = caller;
  caller.callees.set(node.request.parentOperation, node);
}

/** The request with which its trace began, as far as it is in the sample. */
export function rootOf(node: RequestNode): RequestNode {
  let root = node;
  // As deep as services call each other; 64 ends a loop that bad data could make.
  for (let depth = 0; depth < 64 && root.caller !== undefined; depth++) root = root.caller;
  return root;
}

/** What customers asked for; false for the callee of a request that is not in the sample. */
export function isEntry(node: RequestNode): boolean {
  return node.request.parentOperation === 0;
}

/** µs on the clock of `atUs`; 0 when there is none. */
export function endOf(operation: SampledOperation | undefined): number {
  return operation === undefined ? 0 : operation.atUs + operation.durationUs;
}

export function endpointKey({ service, method, route }: EndpointName): string {
  return `${service}\n${method}\n${route}`;
}

/** Values in groups by their key, in order of appearance. */
export function groupBy<T>(values: Iterable<T>, keyOf: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const key = keyOf(value);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return groups;
}
