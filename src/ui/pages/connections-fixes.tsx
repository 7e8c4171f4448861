// Findings about the connections of one pool, or about the calls that keep them: what to change. In: the pool.

import type { FindingsAnswer, PoolRow } from '../../answer/api.ts';
import { formatSignedShare } from '../../base/numbers.ts';
import { linkTo } from '../state/address.ts';
import { useAnswer } from '../state/answers.ts';
import { findingPath, placeOf } from '../state/finding-words.ts';
import { currentRange } from '../state/range.ts';

const SHOWN = 4;

export function PoolFixes({ row }: { readonly row: PoolRow }) {
  const { value } = useAnswer<FindingsAnswer>(`/api/findings?range=${encodeURIComponent(currentRange())}`);
  const found = value?.findings.filter(
    ({ service, dependency }) => service === row.service && dependency === row.dependency,
  );
  if (found === undefined || found.length === 0) return null;
  return (
    <section class="card findings-here" aria-labelledby="pool-fixes-title">
      <header>
        <h2 id="pool-fixes-title">How to fix</h2>
      </header>
      {found.slice(0, SHOWN).map((finding) => (
        <a key={finding.id} data-row href={linkTo(findingPath(finding.id))}>
          <span class="head">
            <span class="medium">{finding.title}</span>
            <b class="gain">{formatSignedShare(-finding.share)}</b>
          </span>
          <span class="muted">
            {finding.callSite !== '' && <code>{placeOf(finding.callSite)} </code>}
            {finding.fix}
          </span>
        </a>
      ))}
    </section>
  );
}
