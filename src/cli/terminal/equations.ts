// Counters that must add up. In: counters by name. Out: each equation with its numbers, and whether it holds.
// A counter that is not there is 0. Explained in docs/doctor.md.

export interface Equation {
  /** `operations.seen 1043 = request 843 + none 200 + hidden 0`. */
  readonly left: Term;
  readonly right: readonly Term[];
  readonly holds: boolean;
}

export interface Term {
  readonly name: string;
  readonly value: number;
}

interface Law {
  readonly whole: string;
  readonly parts: readonly string[];
  /** What is neither of the parts, because it goes on; never negative. Absent: the parts are all. */
  readonly rest?: string;
}

const LAWS: readonly Law[] = [
  { whole: 'requests.started', parts: ['requests.finished', 'requests.unfinished'], rest: 'still running' },
  { whole: 'operations.seen', parts: ['operations.request', 'operations.none', 'operations.hidden'] },
];

function decoderLaws(protocol: string): readonly Law[] {
  const name = (counter: string) => `decode.${protocol}.${counter}`;
  return [
    { whole: name('begun'), parts: [name('operations'), name('discarded')], rest: 'still open' },
    { whole: name('operations'), parts: [name('answered'), name('unfinished')] },
    {
      whole: name('bytes'),
      parts: [name('decodedBytes'), name('skippedBytes'), name('unknownBytes')],
      rest: 'waiting for the rest of their message',
    },
  ];
}

export function equationsOf(counters: Readonly<Record<string, number>>): readonly Equation[] {
  const protocols = new Set(
    Object.keys(counters).flatMap((name) => (name.startsWith('decode.') ? [name.split('.')[1] ?? ''] : [])),
  );
  return [...LAWS, ...[...protocols].toSorted().flatMap(decoderLaws)].map((law) => checked(law, counters));
}

function checked({ whole, parts, rest }: Law, counters: Readonly<Record<string, number>>): Equation {
  const left = { name: whole, value: counters[whole] ?? 0 };
  const known = parts.map((part) => ({ name: part.split('.').at(-1) ?? part, value: counters[part] ?? 0 }));
  const remainder = left.value - known.reduce((sum, { value }) => sum + value, 0);
  if (rest === undefined) return { left, right: known, holds: remainder === 0 };
  return { left, right: [...known, { name: rest, value: remainder }], holds: remainder >= 0 };
}
