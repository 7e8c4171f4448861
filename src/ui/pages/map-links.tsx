// The links of the map as a table: what the ribbons show, to the digit. In: the answer of /api/map.

import type { MapAnswer, MapLink } from '../../answer/api.ts';
import { formatBytes, formatCount, formatShare } from '../../base/numbers.ts';
import { CATEGORY_COUNT, CategoryIndex } from '../../model/category.ts';
import { StackBar } from '../parts/stack-bar.tsx';
import { Duration, Swatch } from '../parts/text.tsx';
import { linkTo } from '../state/address.ts';
import { perMinute } from './home-endpoints.tsx';

export function Links({ answer }: { readonly answer: MapAnswer }) {
  const rows = answer.links.toSorted((a, b) => b.totalUs - a.totalUs);
  const max = Math.max(1, ...rows.map(({ totalUs }) => totalUs));
  return (
    <section class="card links" aria-labelledby="links-title">
      <header>
        <h2 id="links-title">Links</h2>
        <span class="muted">the same as a table</span>
      </header>
      <table class="table compact">
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col">To</th>
            {['Calls/min', 'p50', 'p95', 'New connections', 'Data'].map((name) => (
              <th scope="col" class={name === 'p95' ? 'numeric' : 'numeric column-detail'} key={name}>
                {name}
              </th>
            ))}
            <th scope="col" class="column-wait" aria-sort="descending">
              Time callers wait ↓
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((link) => (
            <LinkLine
              key={`${link.from} ${link.to} ${link.category}`}
              link={link}
              answer={answer}
              max={max}
            />
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface LineProps {
  readonly link: MapLink;
  readonly answer: MapAnswer;
  readonly max: number;
}

function LinkLine({ link, answer, max }: LineProps) {
  const parts = Array.from({ length: CATEGORY_COUNT }, () => 0);
  parts[CategoryIndex.pool] = link.poolUs;
  parts[CategoryIndex.conn] = link.setupUs;
  parts[CategoryIndex[link.category]] = link.wireUs;
  const [service, dependency] = [nameOf(link.from), nameOf(link.to)];
  return (
    <tr data-row>
      <td>{service}</td>
      <td>
        <a
          class="with-swatch"
          href={linkTo(`/connections/${encodeURIComponent(service)}/${encodeURIComponent(dependency)}`)}
        >
          <Swatch category={link.category} />
          <span class="medium">{dependency}</span>
        </a>
      </td>
      <td class="numeric column-detail">{perMinute(link.calls, answer)}</td>
      <td class="numeric column-detail">
        <Duration us={link.p50Us} missing="Too few calls" />
      </td>
      <td class="numeric strong">
        <Duration us={link.p95Us} missing="Too few calls" />
      </td>
      <td class="numeric column-detail">{formatCount(link.newConnections)}</td>
      <td class="numeric column-detail">{formatBytes(link.bytes)}</td>
      <td>
        <span class="bar-cell">
          <StackBar parts={parts} max={max} />
          <span class="value">{formatShare(link.totalUs / (answer.totalUs || 1))}</span>
        </span>
      </td>
    </tr>
  );
}

/** Without the kind that its id begins with. */
export function nameOf(id: string): string {
  return id.slice(id.indexOf(' ') + 1);
}
