// Findings of one endpoint: those whose fault is in it, and those that it would gain from.

import type { EndpointName, FindingsAnswer } from '../../answer/api.ts';
import type { Finding } from '../../model/finding.ts';
import { formatDuration, formatSignedShare } from '../../base/numbers.ts';
import { linkTo } from '../state/address.ts';
import { useAnswer } from '../state/answers.ts';
import { findingPath, kindWords } from '../state/finding-words.ts';
import { currentRange } from '../state/range.ts';

const NONE: readonly Finding[] = [];

/** None while they are being made. */
export function useFindingsOf(name: EndpointName): readonly Finding[] {
  const { value } = useAnswer<FindingsAnswer>(`/api/findings?range=${encodeURIComponent(currentRange())}`);
  return (
    value?.findings.filter(
      ({ endpoint, effects }) => isSame(endpoint, name) || effects.some((effect) => isSame(effect, name)),
    ) ?? NONE
  );
}

function isSame(a: EndpointName, b: EndpointName): boolean {
  return a.service === b.service && a.method === b.method && a.route === b.route;
}

interface HereProps {
  readonly name: EndpointName;
  readonly findings: readonly Finding[];
}

export function FindingsHere({ name, findings }: HereProps) {
  if (findings.length === 0) return null;
  return (
    <section class="card findings-here" aria-labelledby="findings-here-title">
      <header>
        <h2 id="findings-here-title">Findings here</h2>
      </header>
      {findings.map((finding) => (
        <a key={finding.id} data-row href={linkTo(findingPath(finding.id))}>
          <span class="head">
            <span class="medium">{finding.title}</span>
            <b class="gain">{formatSignedShare(-finding.share)}</b>
          </span>
          <span class="muted">
            {kindWords(finding)}
            {gainWords(finding, name)}
          </span>
        </a>
      ))}
    </section>
  );
}

/** Of one request of this endpoint; a callee's own requests are part of others. */
function gainWords({ effects }: Finding, name: EndpointName): string {
  const effect = effects.find((each) => isSame(each, name));
  return effect === undefined ? '' : `, about ${formatDuration(Math.round(effect.meanUs))} a request`;
}
