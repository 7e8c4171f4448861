// What the services wait for, most time first. In: rows of the home answer.

import type { DependencyRow, HomeAnswer } from '../../answer/api.ts';
import { formatCount } from '../../base/numbers.ts';
import { CategoryIndex, CATEGORY_COUNT } from '../../model/category.ts';
import type { CategoryVector } from '../../model/row.ts';
import { StackBar } from '../parts/stack-bar.tsx';
import { Duration, Swatch } from '../parts/text.tsx';
import { perMinute } from './home-endpoints.tsx';

/** From this share of calls on, a new connection is not the exception but the rule. */
const EVERY_CALL = 0.9;
/** A pool wait below this share of the dependency's time is not worth ink. */
const NOTABLE_SHARE = 0.02;

export function Dependencies({ home }: { readonly home: HomeAnswer }) {
  const rows = home.dependencies.toSorted((a, b) => b.totalUs - a.totalUs);
  const maxUs = Math.max(1, ...rows.map(({ totalUs }) => totalUs));
  return (
    <section class="card dependencies" aria-labelledby="dependencies-title">
      <header>
        <h2 id="dependencies-title">Dependencies</h2>
        <span class="muted">what your services wait for</span>
      </header>
      <table class="table compact">
        <thead>
          <tr>
            <th scope="col">Dependency</th>
            <th scope="col" class="numeric">
              Calls/min
            </th>
            <th scope="col" class="numeric">
              p50 per call
            </th>
            <th scope="col" class="numeric">
              p95 per call
            </th>
            <th scope="col" class="numeric">
              Pool wait
            </th>
            <th scope="col" class="numeric">
              New connections
            </th>
            <th scope="col" class="column-wait">
              Time callers wait
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <DependencyLine key={`${row.protocol} ${row.name}`} row={row} home={home} maxUs={maxUs} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface LineProps {
  readonly row: DependencyRow;
  readonly home: HomeAnswer;
  readonly maxUs: number;
}

function DependencyLine({ row, home, maxUs }: LineProps) {
  return (
    <tr>
      <td>
        <span class="with-swatch">
          <Swatch category={row.category} />
          <span class="medium">{row.name}</span>
        </span>
      </td>
      <td class="numeric">{perMinute(row.calls, home)}</td>
      <td class="numeric">
        <Duration us={row.p50Us} missing="Too few calls" />
      </td>
      <td class="numeric strong">
        <Duration us={row.p95Us} missing="Too few calls" />
      </td>
      <td class={`numeric ${row.poolUs > row.totalUs * NOTABLE_SHARE ? '' : 'muted'}`}>
        <Duration us={row.poolUs} />
      </td>
      <td class="numeric">
        {row.calls > 1 && row.newConnections / row.calls > EVERY_CALL && (
          <span class="chip warn">every call</span>
        )}{' '}
        {formatCount(row.newConnections)}
      </td>
      <td>
        <span class="bar-cell">
          <StackBar parts={waitParts(row)} max={maxUs} />
          <span class="value wide">
            <Duration us={row.totalUs} />
          </span>
        </span>
      </td>
    </tr>
  );
}

/** Pool wait, set-up and wire as categories; they add up to totalUs. */
function waitParts({ category, poolUs, setupUs, wireUs }: DependencyRow): CategoryVector {
  const parts = Array.from({ length: CATEGORY_COUNT }, () => 0);
  parts[CategoryIndex.pool] = poolUs;
  parts[CategoryIndex.conn] = setupUs;
  parts[CategoryIndex[category]] = wireUs;
  return parts;
}
