// One call now, and with its connection kept: the set-up is measured, and goes. In: a pool that opens too many.

import type { PoolAnswer } from '../../answer/api.ts';
import { CATEGORY_COUNT, CategoryIndex } from '../../model/category.ts';
import type { CategoryVector } from '../../model/row.ts';
import { StackBar } from '../parts/stack-bar.tsx';
import { Duration } from '../parts/text.tsx';

export function KeepAlive({ answer }: { readonly answer: PoolAnswer }) {
  const { row, users } = answer;
  const calls = row.calls || 1;
  const setupUs = row.setupUs / calls;
  const heldUs = users.reduce((sum, { holdsUs }) => sum + holdsUs, 0) / calls;
  const workUs = Math.max(0, heldUs - setupUs);
  return (
    <section class="card" aria-labelledby="keep-alive-title">
      <header>
        <h2 id="keep-alive-title">One call, now and with its connection kept</h2>
        <span class="muted">mean</span>
      </header>
      <div class="compare">
        {(
          [
            ['Now', setupUs],
            ['Kept alive', 0],
          ] as const
        ).map(([name, us]) => (
          <div class="compared" key={name}>
            <span class="who">
              <b>{name}</b>
            </span>
            <StackBar parts={partsOf(row.category, us, workUs)} max={heldUs} />
            <b class={us === 0 ? 'numeric gain' : 'numeric'}>
              <Duration us={Math.round(us + workUs)} />
            </b>
          </div>
        ))}
      </div>
    </section>
  );
}

function partsOf(category: PoolAnswer['row']['category'], setupUs: number, workUs: number): CategoryVector {
  const parts = Array.from({ length: CATEGORY_COUNT }, () => 0);
  parts[CategoryIndex.conn] = setupUs;
  parts[CategoryIndex[category]] = workUs;
  return parts;
}
