// Why slow requests are slow, part by part. In: the answer's parts. They add up to the difference.

import type { SlowFact, TailGap, TailPart } from '../../answer/api.ts';
import { formatCount, formatSignedDuration, formatWholeShare } from '../../base/numbers.ts';
import { Duration, Swatch } from '../parts/text.tsx';
import { withoutColumn } from '../state/finding-words.ts';
import { clock, fullTime } from '../state/range.ts';

export function WhySlow({ tail }: { readonly tail: TailGap }) {
  const { requests, typicalUs, slowUs, parts, restUs, inCommon } = tail;
  if (parts.length + inCommon.length === 0) return null;
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
      <table class="table compact slow-parts why-slow">
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
      {inCommon.length > 0 && <InCommon facts={inCommon} />}
    </section>
  );
}

/** Which of them are slow, not what they do. */
function InCommon({ facts }: { readonly facts: readonly SlowFact[] }) {
  return (
    <>
      <p class="card-note">What they have in common:</p>
      <table class="table compact slow-parts in-common">
        <tbody>
          {facts.map(({ title, slowShare, typicalShare, time }) => (
            <tr key={title} data-row>
              <td class="numeric strong">{formatWholeShare(slowShare)}</td>
              <td>
                {time === undefined ? title : <Stretch time={time} />}
                <div class="muted">of typical ones: {formatWholeShare(typicalShare)}</div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function Stretch({ time }: { readonly time: NonNullable<SlowFact['time']> }) {
  return (
    <>
      between <span title={fullTime(time.from)}>{clock(time.from)}</span> and{' '}
      <span title={fullTime(time.to)}>{clock(time.to)}</span>
    </>
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
