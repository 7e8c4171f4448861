// Details of the selected row: an operation, a run of equal operations, or a request. In: the state of a trace page.

import type { ComponentChildren } from 'preact';
import type { TraceOperation, TraceRequest } from '../../answer/api.ts';
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatShare,
  formatWholeShare,
} from '../../base/numbers.ts';
import { CATEGORIES, type CategoryKey } from '../../model/category.ts';
import { PHASES } from '../../model/row.ts';
import { categoryIndexOf, lengthUs, membersOf, NodeKind } from '../canvas/rows.ts';
import { copy } from '../parts/shell.tsx';
import { Duration, Swatch } from '../parts/text.tsx';
import { shortStatement, statementParts } from '../state/statement.ts';
import type { TraceView } from '../state/trace-view.ts';
import { EachCall, PhaseBar, PhaseTable } from './trace-phases.tsx';

const PROTOCOL_NAMES: Readonly<Record<string, string>> = {
  postgres: 'Postgres',
  mysql: 'MySQL',
  redis: 'Redis',
  http: 'HTTP',
  dns: 'DNS',
  unknown: 'Unknown protocol',
};

export function Details({ view }: { readonly view: TraceView }) {
  const node = view.selected.value;
  return (
    <aside class="details" aria-label="Selected operation" aria-live="polite">
      {node < 0 ? <p class="muted">Select a row to see what it is.</p> : <Selected view={view} node={node} />}
    </aside>
  );
}

interface NodeProps {
  readonly view: TraceView;
  readonly node: number;
}

function Selected({ view, node }: NodeProps) {
  const { tree, answer } = view;
  const request = answer.requests[tree.request[node] ?? 0];
  const operation = answer.operations[tree.operation[node] ?? -1];
  if (request === undefined) return null;
  if (tree.kind[node] === NodeKind.request)
    return <RequestDetails view={view} node={node} request={request} call={operation} />;
  if (operation === undefined) return null;
  if (tree.kind[node] === NodeKind.run) return <RunDetails view={view} node={node} request={request} />;
  return <OperationDetails view={view} node={node} request={request} operation={operation} />;
}

function Chips({
  category,
  children,
}: {
  readonly category: number;
  readonly children: readonly (string | undefined)[];
}) {
  const [first, ...rest] = children.filter((text) => text !== undefined);
  return (
    <div class="chips">
      <span class="chip">
        <Swatch category={keyOf(category)} />
        {first}
      </span>
      {rest.map((text) => (
        <span class="chip" key={text}>
          {text}
        </span>
      ))}
    </div>
  );
}

interface OperationProps extends NodeProps {
  readonly request: TraceRequest;
  readonly operation: TraceOperation;
}

function OperationDetails({ view, node, request, operation }: OperationProps) {
  const { tree, answer } = view;
  const parent = tree.parent[node] ?? -1;
  const isInRun = parent >= 0 && tree.kind[parent] === NodeKind.run;
  const place = isInRun ? `call ${node - parent} of ${membersOf(tree, parent)}` : undefined;
  const category = categoryIndexOf(operation);
  return (
    <>
      <Chips category={category}>{[protocolOf(operation), request.service, place, setupOf(operation)]}</Chips>
      <h2 class="mono">{shortStatement(operation.statement)}</h2>
      <BigNumber us={operation.durationUs}>
        {partOnPath(
          answer.durationUs,
          operation.durationUs,
          view.path.isOn[node] === 1 ? operation.exclusiveUs : 0,
        )}
      </BigNumber>
      {operation.outcome !== 'ok' && <Outcome operation={operation} />}
      <h3>Phases</h3>
      <PhaseBar phases={operation.phases} category={category} />
      <PhaseTable phases={operation.phases} category={category} />
      <Statement text={operation.statement} />
      <dl class="facts">
        <CallSite place={operation.callSite} />
        <Fact name="Peer">{operation.dependency}</Fact>
        <Fact name="Connection">{connectionOf(operation)}</Fact>
        <Fact name="Rows, bytes">{sizesOf([operation])}</Fact>
        <Fact name="Starts at">+{formatDuration(operation.startUs)}</Fact>
        <Fact name="In this trace">{timesIn(view, operation)}</Fact>
      </dl>
    </>
  );
}

function RunDetails({ view, node, request }: NodeProps & { readonly request: TraceRequest }) {
  const operations = operationsOfRun(view, node);
  const [first] = operations;
  if (first === undefined) return null;
  const sumUs = operations.reduce((sum, { durationUs }) => sum + durationUs, 0);
  const exclusiveUs = operations.reduce((sum, operation) => sum + operation.exclusiveUs, 0);
  const phases = PHASES.map((_, index) =>
    operations.reduce((sum, operation) => sum + (operation.phases[index] ?? 0), 0),
  );
  const category = categoryIndexOf(first);
  const isSequential = sumUs <= lengthUs(view.tree, node);
  return (
    <>
      <Chips category={category}>
        {[protocolOf(first), request.service, `${operations.length} calls in a row`]}
      </Chips>
      <h2>
        The same {first.category === 'db' ? 'query' : 'call'} {formatCount(operations.length)} times
        {isSequential && ', one after the other'}
      </h2>
      <BigNumber us={sumUs}>{partOnPath(view.answer.durationUs, sumUs, exclusiveUs)}</BigNumber>
      <h3>All {formatCount(operations.length)} calls, summed by phase</h3>
      <PhaseBar phases={phases} category={category} />
      <PhaseTable phases={phases} category={category} />
      {isSequential && <BetweenCalls us={lengthUs(view.tree, node) - sumUs} />}
      <h3>Each call, in order</h3>
      <EachCall operations={operations} category={category} />
      <Statement text={first.statement} />
      <dl class="facts">
        <CallSite place={first.callSite} />
        <Fact name="Peer">{first.dependency}</Fact>
        <Fact name="Rows, bytes">{sizesOf(operations)}</Fact>
        <Fact name="Connections">{connectionsOf(operations)}</Fact>
      </dl>
    </>
  );
}

interface RequestProps extends NodeProps {
  readonly request: TraceRequest;
  readonly call: TraceOperation | undefined;
}

function RequestDetails({ view, request, call }: RequestProps) {
  const operations = view.answer.operations.filter((operation) => operation.request === request.id).length;
  return (
    <>
      <div class="chips">
        <span class="chip">{request.service}</span>
        <span class="chip">{call ? 'asked by another service' : 'entry request'}</span>
        <span class={request.isError ? 'chip bad' : 'chip'}>
          {request.isError && '✕ '}
          {request.status || 'no answer'}
        </span>
      </div>
      <h2 class="mono">
        {request.method} {request.route}
      </h2>
      <BigNumber us={request.durationUs}>
        {formatWholeShare(request.durationUs / (view.answer.durationUs || 1))} of this trace
      </BigNumber>
      <h3>Inside {request.service}</h3>
      <Inside request={request} />
      {call && <BetweenServices request={request} call={call} />}
      <dl class="facts">
        {call && <CallSite place={call.callSite} />}
        {call && <Fact name="Connection">{connectionOf(call)}</Fact>}
        {call && <Fact name="Bytes">{sizesOf([call])}</Fact>}
        <Fact name="Starts at">+{formatDuration(request.startUs)}</Fact>
        <Fact name="Operations">{formatCount(operations)}</Fact>
      </dl>
    </>
  );
}

/** The request's own vector: adds up to its duration. */
function Inside({ request }: { readonly request: TraceRequest }) {
  return (
    <table class="phases">
      <tbody>
        {CATEGORIES.map(({ key, name }, index) => {
          const us = request.ownCategories[index] ?? 0;
          return us === 0 ? null : (
            <PartLine key={key} category={key} name={name} us={us} ofUs={request.durationUs} />
          );
        })}
      </tbody>
    </table>
  );
}

/** How much of a call the request really waited for: what the answer and the table count. */
function partOnPath(requestUs: number, durationUs: number, exclusiveUs: number): string {
  const share = formatShare(exclusiveUs / (requestUs || 1));
  if (exclusiveUs === 0) return 'in parallel';
  if (exclusiveUs === durationUs) return `${share}, on the critical path`;
  return `${formatDuration(exclusiveUs)} of it on the critical path, ${share}`;
}

/** Between the services: before the callee began and after it ended. */
function BetweenServices({
  request,
  call,
}: {
  readonly request: TraceRequest;
  readonly call: TraceOperation;
}) {
  const there = request.startUs - call.startUs;
  const back = call.startUs + call.durationUs - request.startUs - request.durationUs;
  return (
    <>
      <h3>Between the services</h3>
      <table class="phases">
        <tbody>
          <PartLine category="http" name="Until it arrived" us={Math.max(0, there)} ofUs={call.durationUs} />
          <PartLine category="http" name="Back to the caller" us={Math.max(0, back)} ofUs={call.durationUs} />
        </tbody>
      </table>
    </>
  );
}

function BetweenCalls({ us }: { readonly us: number }) {
  return (
    <table class="phases">
      <tbody>
        <tr class="muted">
          <td>
            <span class="with-swatch">
              <Swatch category="own" />
              Between the calls
            </span>
          </td>
          <td>
            <Duration us={us} />
          </td>
          <td />
        </tr>
      </tbody>
    </table>
  );
}

interface PartProps {
  readonly category: CategoryKey;
  readonly name: string;
  readonly us: number;
  readonly ofUs: number;
}

function PartLine({ category, name, us, ofUs }: PartProps) {
  return (
    <tr>
      <td>
        <span class="with-swatch">
          <Swatch category={category} />
          {name}
        </span>
      </td>
      <td>
        <Duration us={us} />
      </td>
      <td>{formatWholeShare(us / (ofUs || 1))}</td>
    </tr>
  );
}

function BigNumber({ us, children }: { readonly us: number; readonly children: ComponentChildren }) {
  return (
    <p class="big-number">
      {formatDuration(us)}
      <small>{children}</small>
    </p>
  );
}

function Outcome({ operation: { outcome, errorType } }: { readonly operation: TraceOperation }) {
  return (
    <p class="error">
      ✕{' '}
      {outcome === 'error'
        ? `failed${errorType === '' ? '' : `: ${errorType}`}`
        : 'did not finish while it was watched'}
    </p>
  );
}

function Statement({ text }: { readonly text: string }) {
  return (
    <>
      <h3>Statement</h3>
      <div class="statement">
        {statementParts(text).map(({ text: part, isKeyword, isLineStart }) => (
          <>
            {isLineStart && '\n'}
            {isKeyword ? <b>{part}</b> : part}
          </>
        ))}
      </div>
    </>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function CallSite({ place }: { readonly place: string }) {
  return (
    <Fact name="Call site">
      {place === '' ? (
        <span class="muted">not seen</span>
      ) : (
        <button
          type="button"
          class="mono plain link"
          title="Copy"
          onClick={() => void copy(place, 'Call site copied')}
        >
          {place.replace(/^(.*:\d+):\d+$/, '$1')}
        </button>
      )}
    </Fact>
  );
}

function operationsOfRun(view: TraceView, run: number): readonly TraceOperation[] {
  const members = Array.from({ length: membersOf(view.tree, run) }, (_, index) => run + 1 + index);
  return members.flatMap((member) => view.answer.operations[view.tree.operation[member] ?? -1] ?? []);
}

function connectionOf({ connection, nthOnConnection }: TraceOperation): string {
  const earlier = nthOnConnection - 1;
  return earlier <= 0
    ? `#${connection}, new`
    : `#${connection}, reused, ${formatCount(earlier)} earlier calls`;
}

/** `#1 (5), #2 (14)`, most used first. */
function connectionsOf(operations: readonly TraceOperation[]): string {
  const counts = new Map<number, number>();
  for (const { connection } of operations) counts.set(connection, (counts.get(connection) ?? 0) + 1);
  const most = [...counts].toSorted(([, a], [, b]) => b - a);
  const shown = most.slice(0, 6).map(([connection, count]) => `#${connection} (${formatCount(count)})`);
  return shown.join(', ') + (most.length > 6 ? `, and ${most.length - 6} more` : '');
}

function sizesOf(operations: readonly TraceOperation[]): string {
  const sum = (of: (operation: TraceOperation) => number) =>
    operations.reduce((total, each) => total + of(each), 0);
  const rows = sum((operation) => Math.max(0, operation.rows));
  const knowsRows = operations.some((operation) => operation.rows >= 0);
  const sizes = `${formatBytes(sum(({ bytesIn }) => bytesIn))} in, ${formatBytes(sum(({ bytesOut }) => bytesOut))} out`;
  return knowsRows ? `${formatCount(rows)} row${rows === 1 ? '' : 's'}, ${sizes}` : sizes;
}

function timesIn(view: TraceView, { statement, dependency }: TraceOperation): string {
  const same = view.answer.operations.filter(
    (other) => other.statement === statement && other.dependency === dependency,
  );
  return same.length === 1 ? 'once' : `${formatCount(same.length)} times`;
}

function protocolOf({ protocol }: TraceOperation): string {
  return PROTOCOL_NAMES[protocol] ?? protocol;
}

function setupOf({ role }: TraceOperation): string | undefined {
  return role === 'setup' ? 'login of a new connection' : undefined;
}

function keyOf(category: number): CategoryKey {
  return CATEGORIES[category]?.key ?? 'other';
}
