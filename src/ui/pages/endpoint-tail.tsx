// Why slow requests are slow, part by part. In: the answer's parts. They add up to the difference.

import type { TailGap, TailPart } from '../../answer/api.ts';
import { formatCount, formatSignedDuration } from '../../base/numbers.ts';
import { Duration, Swatch } from '../parts/text.tsx';
import { withoutColumn } from '../state/finding-words.ts';

export function WhySlow({ tail }: { readonly tail: TailGap }) {
  const { requests, typicalUs, slowUs, parts, restUs } = tail;
  if (parts.length === 0) return null;
  return (
    <section class="card" aria-labelledby="why-slow-title">
      <header>
        <h2 id="why-slow-title">Why slow ones are slow</h2>
        <span class="muted">
          {formatCount(requests.slow)} slow against {formatCount(requests.typical)} typical
        </span>
      </header>
      <p class="card-note">
        <Duration us={Math.round(slowUs)} /> instead of <Duration us={Math.round(typicalUs)} />:
      </p>
      <table class="table compact why-slow">
        <tbody>
          {parts.map((part) => (
            <Row key={`${part.title} ${part.service}`} part={part} />
          ))}
          <tr>
            <td class="numeric muted">{formatSignedDuration(restUs)}</td>
            <td class="muted">everything else together</td>
          </tr>
        </tbody>
      </table>
    </section>
  );
}

function Row({ part }: { readonly part: TailPart }) {
  const { category, title, why, us, name, callSite } = part;
  return (
    <tr data-row>
      <td class="numeric strong">{formatSignedDuration(us)}</td>
      <td title={[name, withoutColumn(callSite)].filter((text) => text !== '').join('\n')}>
        <span class="with-swatch">
          <Swatch category={category} />
          <span class={name === '' ? 'ellipsis' : 'mono ellipsis'}>{title}</span>
        </span>
        <div class="muted">{why}</div>
      </td>
    </tr>
  );
}
