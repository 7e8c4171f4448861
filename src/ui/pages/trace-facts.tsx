// Pieces of the details: chips, the big number, the statement, facts with their words. In: operations. Out: text and elements.

import type { ComponentChildren } from 'preact';
import type { SourcePlace, TraceOperation } from '../../answer/api.ts';
import { counted, formatBytes, formatCount, formatDuration, formatShare } from '../../base/numbers.ts';
import { CATEGORIES } from '../../model/category.ts';
import { copy } from '../state/toast.ts';
import { KeyCap, Swatch } from '../parts/text.tsx';
import { editorLink, editorName } from '../state/editor.ts';
import { withoutColumn } from '../state/finding-words.ts';
import { rowJson } from '../state/row-json.ts';
import { statementParts } from '../state/statement.ts';
import type { TraceView } from '../state/trace-view.ts';

const PROTOCOL_NAMES: Readonly<Record<string, string>> = {
  postgres: 'Postgres',
  mysql: 'MySQL',
  redis: 'Redis',
  http: 'HTTP',
  dns: 'DNS',
  unknown: 'Unknown protocol',
};

export function Chips({
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

/** How much of a call the request really waited for: what the answer and the table count. */
export function partOnPath(requestUs: number, durationUs: number, exclusiveUs: number): string {
  const share = formatShare(exclusiveUs / (requestUs || 1));
  if (exclusiveUs === 0) return 'in parallel';
  if (exclusiveUs === durationUs) return `${share}, on the critical path`;
  return `${formatDuration(exclusiveUs)} of it on the critical path, ${share}`;
}

export function BigNumber({ us, children }: { readonly us: number; readonly children: ComponentChildren }) {
  return (
    <p class="big-number">
      {formatDuration(us)}
      <small>{children}</small>
    </p>
  );
}

export function Outcome({ operation: { outcome, errorType } }: { readonly operation: TraceOperation }) {
  return (
    <p class="error">
      ✕{' '}
      {outcome === 'error'
        ? `failed${errorType === '' ? '' : `: ${errorType}`}`
        : 'did not finish while it was watched'}
    </p>
  );
}

export function Retry() {
  return <p class="warn">↻ asked again, after the call before it had failed</p>;
}

export function Stall() {
  return <p class="warn">▲ a pause of 40 ms: its finding says why</p>;
}

export function Statement({ text }: { readonly text: string }) {
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

export function copyRow(view: TraceView): void {
  if (view.selected.value >= 0) void copy(rowJson(view, view.selected.value), 'Copied as JSON');
}

/** What it is, for a script or an issue. */
export function CopyRow({ view }: { readonly view: TraceView }) {
  return (
    <p class="copy-row">
      <button type="button" class="control small" onClick={() => copyRow(view)}>
        Copy as JSON <KeyCap>i</KeyCap>
      </button>
    </p>
  );
}

export function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

interface CallSiteProps {
  readonly place: string;
  /** When the server has it: then the place opens in an editor. */
  readonly source: SourcePlace | undefined;
}

export function CallSite({ place, source }: CallSiteProps) {
  const text = withoutColumn(place);
  return (
    <Fact name="Call site">
      {place === '' ? (
        <span class="muted">not seen</span>
      ) : source === undefined ? (
        <button
          type="button"
          class="mono plain link"
          title="Copy"
          onClick={() => void copy(place, 'Call site copied')}
        >
          {text}
        </button>
      ) : (
        <a class="mono link" href={editorLink(source)} title={`Open in ${editorName()}: e`}>
          {text}
        </a>
      )}
    </Fact>
  );
}

export function connectionOf({ connection, nthOnConnection }: TraceOperation): string {
  const earlier = nthOnConnection - 1;
  return earlier <= 0 ? `#${connection}, new` : `#${connection}, reused, ${counted(earlier, 'earlier call')}`;
}

/** `#1 (5), #2 (14)`, most used first. */
export function connectionsOf(operations: readonly TraceOperation[]): string {
  const counts = new Map<number, number>();
  for (const { connection } of operations) counts.set(connection, (counts.get(connection) ?? 0) + 1);
  const most = [...counts].toSorted(([, a], [, b]) => b - a);
  const shown = most.slice(0, 6).map(([connection, count]) => `#${connection} (${formatCount(count)})`);
  return shown.join(', ') + (most.length > 6 ? `, and ${most.length - 6} more` : '');
}

export function sizesOf(operations: readonly TraceOperation[]): string {
  const sum = (of: (operation: TraceOperation) => number) =>
    operations.reduce((total, each) => total + of(each), 0);
  const rows = sum((operation) => Math.max(0, operation.rows));
  const knowsRows = operations.some((operation) => operation.rows >= 0);
  const sizes = `${formatBytes(sum(({ bytesIn }) => bytesIn))} in, ${formatBytes(sum(({ bytesOut }) => bytesOut))} out`;
  return knowsRows ? `${counted(rows, 'row')}, ${sizes}` : sizes;
}

export function protocolOf({ protocol }: TraceOperation): string {
  return PROTOCOL_NAMES[protocol] ?? protocol;
}

export function setupOf({ role }: TraceOperation): string | undefined {
  return role === 'setup' ? 'login of a new connection' : undefined;
}

function keyOf(category: number) {
  return CATEGORIES[category]?.key ?? 'other';
}
