// Two requests beside each other. In: their trace ids. Nothing is shown until both are chosen.

import { Compare, type Compared } from '../parts/compare.tsx';
import { linkTo } from '../state/address.ts';
import { clock } from '../state/range.ts';
import { useTrace, type TraceData } from '../state/trace-data.ts';

interface CompareProps {
  readonly ids: readonly string[];
  readonly onClose: () => void;
}

export function CompareTraces({ ids, onClose }: CompareProps) {
  const [first = '', second = ''] = ids;
  return (
    <section class="card list compare-traces" aria-labelledby="compare-title">
      <header>
        <h2 id="compare-title">Two requests</h2>
        <span class="space" />
        <button type="button" class="control small" onClick={onClose}>
          Close
        </button>
      </header>
      {second === '' ? (
        <p class="card-note">Choose a second request to compare.</p>
      ) : (
        <Both first={first} second={second} />
      )}
    </section>
  );
}

function Both({ first, second }: { readonly first: string; readonly second: string }) {
  const a = useTrace(first);
  const b = useTrace(second);
  if (a.failure !== undefined || b.failure !== undefined)
    return <p class="card-note error">✕ {a.failure ?? b.failure}</p>;
  if (a.value === undefined || b.value === undefined) return <p class="card-note">Loading both</p>;
  return (
    <>
      <Compare
        caption="The second spends"
        first={compared('First', a.value)}
        second={compared('Second', b.value)}
      />
      <p class="card-note">
        <a class="link" href={linkTo(`/trace/${first}`)}>
          Open the first ›
        </a>{' '}
        <a class="link" href={linkTo(`/trace/${second}`)}>
          Open the second ›
        </a>
      </p>
    </>
  );
}

function compared(name: string, { at, categories, operations, requests }: TraceData): Compared {
  const route = requests[0]?.route ?? '';
  return { name, note: `${clock(at)} ${route}`, parts: categories, operations: operations.length };
}
