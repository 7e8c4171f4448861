// Details of the selected row: an operation, a run of equal operations, or a request. In: the state of a trace page.

import type { TraceOperation } from '../../answer/api.ts';
import type { RequestFacts } from '../../model/trace-columns.ts';
import { formatCount, formatDuration, formatWholeShare } from '../../base/numbers.ts';
import { CATEGORIES, type CategoryKey } from '../../model/category.ts';
import { askedValues } from '../../model/asked-values.ts';
import { PHASES } from '../../model/row.ts';
import { categoryIndexOf } from '../canvas/bar-data.ts';
import { lengthUs, membersOf, NodeKind } from '../canvas/rows.ts';
import { Duration, Swatch } from '../parts/text.tsx';
import { shortStatement } from '../../base/statement.ts';
import type { TraceView } from '../state/trace-view.ts';
import {
  BigNumber,
  CallSite,
  Chips,
  connectionOf,
  connectionsOf,
  CopyRow,
  Fact,
  Outcome,
  Retry,
  Stall,
  partOnPath,
  protocolOf,
  setupOf,
  sizesOf,
  Statement,
} from './trace-facts.tsx';
import { FindingHere, Meanwhile, Overall, PoolThen } from './trace-beyond.tsx';
import { GroupDetails } from './trace-group.tsx';
import { Measured } from './trace-measured.tsx';
import { EachCall, PhaseBar, PhaseTable } from './trace-phases.tsx';

export function Details({ view }: { readonly view: TraceView }) {
  const node = view.selected.value;
  const stretch = view.measured.value;
  return (
    <aside class="details" aria-label="Selected operation" aria-live="polite">
      {stretch !== undefined ? (
        <Measured view={view} stretch={stretch} />
      ) : node < 0 ? (
        <p class="muted">Select a row to see what it is.</p>
      ) : (
        <>
          <Selected view={view} node={node} />
          <CopyRow view={view} />
        </>
      )}
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
  const operation = answer.operations.at(tree.operation[node] ?? -1);
  if (request === undefined) return null;
  if (tree.kind[node] === NodeKind.request)
    return <RequestDetails view={view} node={node} request={request} call={operation} />;
  if (operation === undefined) return null;
  if (tree.kind[node] === NodeKind.group) return <GroupDetails view={view} node={node} />;
  if (tree.kind[node] === NodeKind.run) return <RunDetails view={view} node={node} request={request} />;
  return <OperationDetails view={view} node={node} request={request} operation={operation} />;
}

interface OperationProps extends NodeProps {
  readonly request: RequestFacts;
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
      {operation.isRetry && <Retry />}
      {view.isStalled(tree.operation[node] ?? -1) && <Stall />}
      <h3>Phases</h3>
      <PhaseBar phases={operation.phases} category={category} />
      <PhaseTable phases={operation.phases} category={category} />
      <Statement text={operation.statement} />
      <dl class="facts">
        <CallSite place={operation.callSite} source={view.source.value} />
        <Fact name="Peer">{operation.dependency}</Fact>
        <Fact name="Connection">
          {connectionOf(operation)}
          <PoolThen view={view} service={request.service} operation={operation} />
        </Fact>
        <Fact name="Rows, bytes">{sizesOf([operation])}</Fact>
        <Fact name="Starts at">+{formatDuration(operation.startUs)}</Fact>
        <Fact name="In this trace">{timesIn(view, operation)}</Fact>
        <Overall key={operation.id} view={view} id={operation.id} />
      </dl>
      <FindingHere view={view} node={node} operation={operation} />
    </>
  );
}

function RunDetails({ view, node, request }: NodeProps & { readonly request: RequestFacts }) {
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
        <CallSite place={first.callSite} source={view.source.value} />
        <Fact name="Peer">{first.dependency}</Fact>
        <Fact name="Arguments">{askedOf(operations)}</Fact>
        <Fact name="Rows, bytes">{sizesOf(operations)}</Fact>
        <Fact name="Connections">{connectionsOf(operations)}</Fact>
        <Overall key={first.id} view={view} id={first.id} />
      </dl>
      <FindingHere view={view} node={node} operation={first} />
    </>
  );
}

interface RequestProps extends NodeProps {
  readonly request: RequestFacts;
  readonly call: TraceOperation | undefined;
}

function RequestDetails({ view, node, request, call }: RequestProps) {
  const { operations: all } = view.answer;
  const operations = all.count((index) => all.numbers.request[index] === request.id);
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
        {call && <CallSite place={call.callSite} source={view.source.value} />}
        {call && <Fact name="Connection">{connectionOf(call)}</Fact>}
        {call && <Fact name="Bytes">{sizesOf([call])}</Fact>}
        <Fact name="Starts at">+{formatDuration(request.startUs)}</Fact>
        <Fact name="Operations">{formatCount(operations)}</Fact>
        <Meanwhile view={view} request={request} />
        {call && <Overall key={call.id} view={view} id={call.id} />}
      </dl>
      <FindingHere view={view} node={node} operation={call} />
    </>
  );
}

/** The request's own vector: adds up to its duration. */
function Inside({ request }: { readonly request: RequestFacts }) {
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

/** Between the services: before the callee began and after it ended. */
function BetweenServices({
  request,
  call,
}: {
  readonly request: RequestFacts;
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

function operationsOfRun(view: TraceView, run: number): readonly TraceOperation[] {
  const members = Array.from({ length: membersOf(view.tree, run) }, (_, index) => run + 1 + index);
  return members.flatMap((member) => view.answer.operations.at(view.tree.operation[member] ?? -1) ?? []);
}

/** How often, and how often with the same values as this one. */
function timesIn(view: TraceView, { statement, dependency, question }: TraceOperation): string {
  const { operations } = view.answer;
  const same = operations.count(
    (index) =>
      operations.text('statement', index) === statement &&
      operations.text('dependency', index) === dependency,
  );
  if (same === 1) return 'once';
  const equal =
    question === 0 ? 0 : operations.count((index) => operations.numbers.question[index] === question);
  const values = equal === same ? 'all with the same values' : `${formatCount(equal)} with these values`;
  return `${formatCount(same)} times${equal > 1 ? `, ${values}` : ''}`;
}

function askedOf(operations: readonly TraceOperation[]) {
  const words = askedValues(operations.map(({ question }) => question));
  return words === '' ? <span class="muted">not seen</span> : words;
}
