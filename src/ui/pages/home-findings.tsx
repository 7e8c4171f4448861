// Make it faster: the first findings, by what they save. In: the home answer. A row opens a request that shows it.
// Findings of a large recording come a moment after everything else: then they are asked for, and home is asked again.

import { useEffect } from 'preact/hooks';
import type { FindingRow, FindingRows, FindingsAnswer, HomeAnswer } from '../../answer/api.ts';
import { formatDuration, formatSignedShare } from '../../base/numbers.ts';
import { FINDING_KINDS } from '../../model/finding.ts';
import { linkTo, open } from '../state/address.ts';
import { useAnswer } from '../state/answers.ts';
import { useKeys, type KeyActions } from '../state/keyboard.ts';
import { currentRange } from '../state/range.ts';

/** One for each of the keys 1 to 6. */
const SHOWN = 6;
/** With fewer requests a p95 would be one of the slowest five. */
const LEAST_FOR_P95 = 100;

interface FindingsProps {
  readonly home: HomeAnswer;
  /** Asks home again, once there are findings. */
  readonly onReady: () => void;
}

export function Findings({ home, onReady }: FindingsProps) {
  const { findings } = home;
  return (
    <aside class="card findings" aria-labelledby="findings-title">
      <header>
        <h2 id="findings-title">Make it faster</h2>
        {findings !== undefined && <span class="muted count">{counted(findings.rows.length)}</span>}
      </header>
      {findings === undefined ? <Pending onReady={onReady} /> : <Rows findings={findings} />}
    </aside>
  );
}

function counted(count: number): string {
  return count === 1 ? '1 finding' : `${count} findings`;
}

function Pending({ onReady }: { readonly onReady: () => void }) {
  const { value } = useAnswer<FindingsAnswer>(`/api/findings?range=${encodeURIComponent(currentRange())}`);
  useEffect(() => {
    if (value !== undefined) onReady();
  }, [value]);
  return <p class="note">Recalculating requests …</p>;
}

function Rows({ findings: { rows, togetherShare } }: { readonly findings: FindingRows }) {
  const shown = rows.slice(0, SHOWN);
  const first = shown[0]?.share ?? 1;
  useKeys(keysOf(shown), 'panel');
  if (rows.length === 0)
    return <p class="note">No finding saves more than 1%. The time goes to work your requests need.</p>;
  return (
    <>
      <ol>
        {shown.map((row) => (
          <Row key={row.id} row={row} barShare={row.share / first} />
        ))}
      </ol>
      <footer>
        <span>{rows.length === 1 ? 'Predicted' : `All ${rows.length} together, overlaps counted once`}</span>
        <b class="gain">{formatSignedShare(-togetherShare)}</b>
      </footer>
    </>
  );
}

function keysOf(rows: readonly FindingRow[]): KeyActions {
  return Object.fromEntries(rows.map((row, index) => [String(index + 1), () => open(pathOf(row))]));
}

function Row({ row, barShare }: { readonly row: FindingRow; readonly barShare: number }) {
  const { method, route } = row.effect;
  const isP95 = row.effect.requests >= LEAST_FOR_P95;
  const { nowUs, afterUs } = isP95 ? row.effect.p95 : row.effect.p50;
  return (
    <li>
      <a href={pathOf(row)} data-row title={row.fix}>
        <span class="head">
          <span class="title">{row.title}</span>
          <b class="gain">{formatSignedShare(-row.share)}</b>
        </span>
        <span class="facts">
          <span class="chip">{kindOf(row)}</span>
          <span class="ellipsis">
            {method} {route.replace(/^\/api(?=\/)/, '')} {isP95 ? 'p95' : 'p50'}{' '}
            <span class="ink-2">
              {formatDuration(nowUs)} → {formatDuration(afterUs)}
            </span>
          </span>
        </span>
        {row.callSite !== '' && <code class="place">{placeOf(row.callSite)}</code>}
        <span class="track" aria-hidden="true">
          <i style={{ width: `${Math.max(0, Math.min(1, barShare)) * 100}%` }} />
        </span>
      </a>
    </li>
  );
}

function pathOf({ exampleTrace, effect: { service, method, route } }: FindingRow): string {
  if (exampleTrace !== '') return linkTo(`/trace/${exampleTrace}`);
  return linkTo('/traces', { service, method, route });
}

/** `N+1 queries`; `at most` where nobody can know, `unsure` where the code has to be looked at first. */
function kindOf({ kind, isCeiling, confidence }: FindingRow): string {
  const found = FINDING_KINDS.find(({ key }) => key === kind)?.name ?? kind;
  const name = found.charAt(0).toUpperCase() + found.slice(1);
  if (isCeiling) return `${name}, at most`;
  return confidence === 'low' ? `${name}, unsure` : name;
}

/** The end of the path says most. */
function placeOf(callSite: string): string {
  return callSite.split(/[/\\]/).slice(-4).join('/');
}
