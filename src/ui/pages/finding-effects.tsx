// What the fix does to each endpoint: predicted from the recorded requests. In: the answer.

import type { FindingAnswer } from '../../answer/api.ts';
import type { FindingEffect } from '../../model/finding.ts';
import { formatDuration } from '../../base/numbers.ts';
import { Duration } from '../parts/text.tsx';
import { endpointPath, linkTo } from '../state/address.ts';

export function Effects({ answer }: { readonly answer: FindingAnswer }) {
  const { finding, window } = answer;
  const most = Math.max(1, ...finding.effects.map(({ totalUs }) => totalUs));
  const minutes = window.seconds / 60;
  return (
    <section class="card" aria-labelledby="effects-title">
      <header>
        <h2 id="effects-title">Effect on each endpoint</h2>
        <span class="muted">predicted{finding.isCeiling && ', at best'}</span>
      </header>
      <table class="table compact effects">
        <thead>
          <tr>
            <th scope="col">Endpoint</th>
            <th scope="col" class="numeric">
              p50
            </th>
            <th scope="col" class="numeric">
              p95
            </th>
            <th scope="col" class="numeric">
              Saved per request
            </th>
            <th scope="col" class="numeric">
              {minutes >= 1 ? 'Saved per min' : 'Saved in all'}
            </th>
            <th scope="col" class="column-bar">
              <span class="visually-hidden">Share of the saving</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {finding.effects.map((effect) => (
            <Line
              key={`${effect.service} ${effect.method} ${effect.route}`}
              effect={effect}
              most={most}
              minutes={minutes >= 1 ? minutes : 1}
            />
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface LineProps {
  readonly effect: FindingEffect;
  readonly most: number;
  readonly minutes: number;
}

function Line({ effect, most, minutes }: LineProps) {
  const { method, route, p50, p95, meanUs, totalUs } = effect;
  return (
    <tr>
      <td>
        <span class="endpoint-name">
          <span class="method">{method}</span>
          <a class="mono ellipsis" href={linkTo(endpointPath(effect))}>
            {route}
          </a>
        </span>
      </td>
      {[p50, p95].map(({ nowUs, afterUs }, index) => (
        <td class="numeric" key={index}>
          {formatDuration(nowUs)} <span class="muted">→</span> <b class="medium">{formatDuration(afterUs)}</b>
        </td>
      ))}
      <td class="numeric">
        <Duration us={Math.round(meanUs)} />
      </td>
      <td class="numeric">
        <Duration us={Math.round(totalUs / minutes)} />
      </td>
      <td class="column-bar">
        <span class="track">
          <i style={{ width: `${(totalUs / most) * 100}%` }} />
        </span>
      </td>
    </tr>
  );
}
