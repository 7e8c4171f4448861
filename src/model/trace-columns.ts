// A trace as columns, for pages that draw 100 000 operations: no object for each. In: a trace as objects, or bytes. Out: its columns, or
// bytes. What is asked for one at a time (details, labels) is made an object when it is asked for.

import type { CategoryKey } from './category.ts';
import { CATEGORIES, CategoryIndex } from './category.ts';
import { roleNamed } from './operation.ts';
import { pack, unpack } from './packed.ts';
import { protocolNamed } from './protocol.ts';
import { PHASES } from './row.ts';
import type { TraceOperation, TraceRequest } from './trace.ts';

/** What both forms of a trace have in common is all but these. */
interface Parts {
  readonly requests: readonly TraceRequest[];
  readonly operations: readonly TraceOperation[];
}

/** A request without what it was doing itself, which is columns too. */
export type RequestFacts = Omit<TraceRequest, 'own'>;

export type InColumns<T extends Parts> = Omit<T, 'requests' | 'operations'> & {
  readonly requests: readonly RequestFacts[];
  readonly own: OwnStretches;
  readonly operations: TraceOperations;
};

/** What the requests were doing themselves. */
export interface OwnStretches {
  /** Index of a request → first of its stretches; one entry more than there are requests. */
  readonly from: Int32Array;
  readonly startUs: Float64Array;
  readonly lengthUs: Float64Array;
  /** Index in CATEGORIES. */
  readonly category: Float64Array;
}

const NUMBERS = [
  'id',
  'request',
  'connection',
  'nthOnConnection',
  'startUs',
  'durationUs',
  'exclusiveUs',
  'bytesOut',
  'bytesIn',
  'rows',
  'question',
] as const satisfies readonly (keyof TraceOperation)[];
const TEXTS = [
  'protocol',
  'role',
  'category',
  'statement',
  'dependency',
  'callSite',
  'outcome',
  'errorType',
] as const satisfies readonly (keyof TraceOperation)[];

type NumberName = (typeof NUMBERS)[number];
type TextName = (typeof TEXTS)[number];
const PHASE_COUNT = PHASES.length;

/** Each text once. */
interface Coded {
  readonly texts: readonly string[];
  readonly codes: ArrayLike<number>;
}

/** Operations by start. An index that there is none of is answered with undefined, 0 or ''. */
export class TraceOperations {
  readonly length: number;
  readonly numbers: Readonly<Record<NumberName, Float64Array>>;
  /** Operation × PHASES.length + phase → µs. */
  readonly phasesUs: Float64Array;
  readonly #texts: Readonly<Record<TextName, Coded>>;
  readonly #isBlocking: ArrayLike<number>;
  readonly #isRetry: ArrayLike<number>;

  constructor(
    numbers: Readonly<Record<NumberName, Float64Array>>,
    texts: Readonly<Record<TextName, Coded>>,
    phasesUs: Float64Array,
    isBlocking: ArrayLike<number>,
    isRetry: ArrayLike<number>,
  ) {
    this.length = numbers.id.length;
    this.numbers = numbers;
    this.phasesUs = phasesUs;
    this.#texts = texts;
    this.#isBlocking = isBlocking;
    this.#isRetry = isRetry;
  }

  at(index: number): TraceOperation | undefined {
    if (index < 0 || index >= this.length) return undefined;
    const { numbers } = this;
    return {
      id: numbers.id[index] ?? 0,
      request: numbers.request[index] ?? 0,
      protocol: protocolNamed(this.text('protocol', index)),
      role: roleNamed(this.text('role', index)),
      category: categoryNamed(this.text('category', index)),
      statement: this.text('statement', index),
      dependency: this.text('dependency', index),
      callSite: this.text('callSite', index),
      connection: numbers.connection[index] ?? 0,
      nthOnConnection: numbers.nthOnConnection[index] ?? 0,
      startUs: numbers.startUs[index] ?? 0,
      durationUs: numbers.durationUs[index] ?? 0,
      phases: [...this.phasesUs.subarray(index * PHASE_COUNT, (index + 1) * PHASE_COUNT)],
      exclusiveUs: numbers.exclusiveUs[index] ?? 0,
      isBlocking: this.isBlocking(index),
      bytesOut: numbers.bytesOut[index] ?? 0,
      bytesIn: numbers.bytesIn[index] ?? 0,
      rows: numbers.rows[index] ?? 0,
      outcome: outcomeNamed(this.text('outcome', index)),
      errorType: this.text('errorType', index),
      isRetry: this.isRetry(index),
      question: numbers.question[index] ?? 0,
    };
  }

  text(name: TextName, index: number): string {
    const { texts, codes } = this.#texts[name];
    return texts[codes[index] ?? -1] ?? '';
  }

  isBlocking(index: number): boolean {
    return this.#isBlocking[index] === 1;
  }

  isRetry(index: number): boolean {
    return this.#isRetry[index] === 1;
  }

  /** Two operations have the same number here when they do the same from the same place. */
  placeOf(index: number): number {
    if (index < 0 || index >= this.length) return -1;
    const { statement, callSite, dependency } = this.#texts;
    const statementAndSite =
      (statement.codes[index] ?? 0) * callSite.texts.length + (callSite.codes[index] ?? 0);
    return statementAndSite * dependency.texts.length + (dependency.codes[index] ?? 0);
  }

  /** The pool's login handshake is shown as what it costs: opening a connection. Index in CATEGORIES. */
  categoryIndex(index: number): number {
    if (this.text('role', index) === 'setup') return CategoryIndex.conn;
    return CategoryIndex[categoryNamed(this.text('category', index))];
  }

  /** Operation → 1 where one of its texts is meant. Each text is looked at once, however many operations have it. */
  whereText(names: readonly TextName[], isMeant: (text: string) => boolean): Uint8Array {
    const found = new Uint8Array(this.length);
    for (const name of names) {
      const { texts, codes } = this.#texts[name];
      const meant = Uint8Array.from(texts, (text) => (isMeant(text) ? 1 : 0));
      for (let index = 0; index < this.length; index++) if (meant[codes[index] ?? -1] === 1) found[index] = 1;
    }
    return found;
  }

  count(isMeant: (index: number) => boolean): number {
    let count = 0;
    for (let index = 0; index < this.length; index++) if (isMeant(index)) count++;
    return count;
  }

  /** As columns by name, each text a number. */
  packed(): {
    readonly columns: Record<string, ArrayLike<number>>;
    readonly texts: Record<TextName, readonly string[]>;
  } {
    const columns: Record<string, ArrayLike<number>> = {
      ...this.numbers,
      isBlocking: this.#isBlocking,
      isRetry: this.#isRetry,
    };
    for (const name of TEXTS) columns[name] = this.#texts[name].codes;
    for (const [index, { key }] of PHASES.entries())
      columns[phaseColumn(key)] = everyNth(this.phasesUs, PHASE_COUNT, index);
    const texts = record(TEXTS, (name) => this.#texts[name].texts);
    return { columns, texts };
  }
}

/** The same trace, as columns. */
export function inColumns<T extends Parts>(trace: T): InColumns<T> {
  const { requests, operations, ...rest } = trace;
  const own = requests.flatMap((request) => request.own);
  return {
    ...rest,
    requests: requests.map(factsOf),
    own: {
      from: startsOf(requests.map((request) => request.own.length)),
      startUs: Float64Array.from(own, ([startUs]) => startUs),
      lengthUs: Float64Array.from(own, ([, lengthUs]) => lengthUs),
      category: Float64Array.from(own, ([, , category]) => category),
    },
    operations: operationColumns(operations),
  };
}

function factsOf(request: TraceRequest): RequestFacts {
  const { own: _, ...facts } = request;
  return facts;
}

/** One loop over all of them, field by field: a mapped copy for each column took three times as long. */
function operationColumns(operations: readonly TraceOperation[]): TraceOperations {
  const rows = operations.length;
  const numbers = record(NUMBERS, () => new Float64Array(rows));
  const phasesUs = new Float64Array(rows * PHASE_COUNT);
  const isBlocking = new Uint8Array(rows);
  const isRetry = new Uint8Array(rows);
  operations.forEach((operation, row) => {
    numbers.id[row] = operation.id;
    numbers.request[row] = operation.request;
    numbers.connection[row] = operation.connection;
    numbers.nthOnConnection[row] = operation.nthOnConnection;
    numbers.startUs[row] = operation.startUs;
    numbers.durationUs[row] = operation.durationUs;
    numbers.exclusiveUs[row] = operation.exclusiveUs;
    numbers.bytesOut[row] = operation.bytesOut;
    numbers.bytesIn[row] = operation.bytesIn;
    numbers.rows[row] = operation.rows;
    numbers.question[row] = operation.question;
    isBlocking[row] = Number(operation.isBlocking);
    isRetry[row] = Number(operation.isRetry);
    for (let phase = 0; phase < PHASE_COUNT; phase++)
      phasesUs[row * PHASE_COUNT + phase] = operation.phases[phase] ?? 0;
  });
  const texts = record(TEXTS, (name) => coded(operations, name));
  return new TraceOperations(numbers, texts, phasesUs, isBlocking, isRetry);
}

function coded(operations: readonly TraceOperation[], name: TextName): Coded {
  const numbers = new Map<string, number>();
  const codes = new Uint32Array(operations.length);
  operations.forEach((operation, index) => {
    const text = operation[name];
    const known = numbers.get(text);
    codes[index] = known ?? numbers.size;
    if (known === undefined) numbers.set(text, numbers.size);
  });
  return { texts: [...numbers.keys()], codes };
}

/** Bytes for `decodeTrace`. */
export function encodeTrace<T extends Parts>(trace: T): Uint8Array<ArrayBuffer> {
  const { own, operations, ...rest } = inColumns(trace);
  const { columns, texts } = operations.packed();
  const ownCounts = Array.from(
    rest.requests,
    (_, index) => (own.from[index + 1] ?? 0) - (own.from[index] ?? 0),
  );
  return pack(JSON.stringify({ rest, texts }), {
    ...columns,
    ownCounts,
    ownStartUs: own.startUs,
    ownLengthUs: own.lengthUs,
    ownCategory: own.category,
  });
}

/** undefined: these are not the bytes of a trace. That the text in them is one of a `T` is taken on trust, as with JSON. */
export function decodeTrace<T extends Parts>(buffer: ArrayBuffer): InColumns<T> | undefined {
  const packed = unpack(buffer);
  if (packed === undefined) return undefined;
  const { rest, texts } = JSON.parse(packed.text) as {
    readonly rest: Omit<InColumns<T>, 'own' | 'operations'>;
    readonly texts: Record<TextName, readonly string[]>;
  };
  const column = (name: string) => packed.columns.get(name) ?? new Float64Array(0);
  const own: OwnStretches = {
    from: startsOf(column('ownCounts')),
    startUs: column('ownStartUs'),
    lengthUs: column('ownLengthUs'),
    category: column('ownCategory'),
  };
  const operations = new TraceOperations(
    record(NUMBERS, column),
    record(TEXTS, (name) => ({ texts: texts[name], codes: column(name) })),
    phasesIn(column),
    column('isBlocking'),
    column('isRetry'),
  );
  // All that `Omit` took out is put back.
  return { ...rest, own, operations } as unknown as InColumns<T>;
}

function phasesIn(column: (name: string) => Float64Array): Float64Array {
  const all = PHASES.map(({ key }) => column(phaseColumn(key)));
  const rows = all[0]?.length ?? 0;
  const phasesUs = new Float64Array(rows * PHASE_COUNT);
  all.forEach((values, phase) => {
    for (let row = 0; row < rows; row++) phasesUs[row * PHASE_COUNT + phase] = values[row] ?? 0;
  });
  return phasesUs;
}

const phaseColumn = (key: string): string => `phases.${key}`;

function everyNth(values: Float64Array, step: number, from: number): Float64Array {
  const found = new Float64Array(values.length / step);
  for (let row = 0; row < found.length; row++) found[row] = values[row * step + from] ?? 0;
  return found;
}

/** Where each begins when they lie one after the other; one more: where the last ends. */
function startsOf(lengths: ArrayLike<number>): Int32Array {
  const starts = new Int32Array(lengths.length + 1);
  for (let index = 0; index < lengths.length; index++)
    starts[index + 1] = (starts[index] ?? 0) + (lengths[index] ?? 0);
  return starts;
}

function record<N extends string, V>(names: readonly N[], valueOf: (name: N) => V): Readonly<Record<N, V>> {
  return Object.fromEntries(names.map((name) => [name, valueOf(name)])) as Record<N, V>;
}

function categoryNamed(name: string): CategoryKey {
  return CATEGORIES.find(({ key }) => key === name)?.key ?? 'other';
}

function outcomeNamed(name: string): TraceOperation['outcome'] {
  return name === 'ok' || name === 'error' ? name : 'unfinished';
}
