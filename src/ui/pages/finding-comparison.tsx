// Requests now and after the fix: percentiles, and two distributions on one axis; with what was measured once there is something.

import type { Comparison as Compared, FindingAnswer } from '../../answer/api.ts';
import type { Measures } from '../../model/finding.ts';
import { formatCount, formatDuration, formatRate, formatShare } from '../../base/numbers.ts';
import { Chart } from '../canvas/chart.tsx';
import { drawDistribution, sharesOf, type DistributionMark } from '../canvas/distribution.ts';
import { Figure } from '../parts/figure.tsx';
import { SaveButton } from '../parts/save-button.tsx';
import { Duration, Segmented } from '../parts/text.tsx';
import { query, setParameters } from '../state/address.ts';

export function Comparison({ answer }: { readonly answer: FindingAnswer }) {
  const { comparison } = answer;
  const isTable = query.value.get('as') === 'table';
  const isMeasured = comparison.measured !== undefined && comparison.measured.requests > 0;
  return (
    <section class="card" aria-labelledby="comparison-title">
      <header>
        <h2 id="comparison-title">
          <span class="mono">
            {comparison.method} {comparison.route}
          </span>
          , {isMeasured ? 'before and since' : 'now and after the fix'}
        </h2>
        <span class="muted">
          {isMeasured ? 'measured' : 'predicted: the same requests, recalculated with the fix'}
        </span>
        <span class="space" />
        <Segmented
          label="Chart"
          choices={[
            { value: 'chart', name: 'Chart' },
            { value: 'table', name: 'Table' },
          ]}
          value={isTable ? 'table' : 'chart'}
          onChoose={(value) => setParameters({ as: value === 'table' ? value : undefined })}
        />
        {!isTable && <SaveButton />}
      </header>
      <Figures comparison={comparison} isCeiling={answer.finding.isCeiling} />
      {isTable ? <DistributionTable comparison={comparison} /> : <Picture comparison={comparison} />}
      {isMeasured && !isTable && <p class="card-note">Filled: measured. Dashed: predicted. Grey: before.</p>}
    </section>
  );
}

interface ComparisonProps {
  readonly comparison: Compared;
}

function Figures({ comparison, isCeiling }: ComparisonProps & { readonly isCeiling: boolean }) {
  const { now, after, measured } = comparison;
  const then = measured !== undefined && measured.requests > 0 ? measured : after;
  const percentiles = [
    ['p50', ({ p50Us }: Measures) => p50Us],
    ['p95', ({ p95Us }: Measures) => p95Us],
    ['p99', ({ p99Us }: Measures) => p99Us],
  ] as const;
  return (
    <dl class="figures finding-figures">
      {percentiles.map(([name, of]) => (
        <Figure key={name} name={name}>
          <Duration us={of(now)} missing="Too few requests" /> <span class="muted">→</span>{' '}
          <span class="gain">
            {isCeiling && then === after && (
              <span title="At best: nobody can know how fast it could be">≥ </span>
            )}
            <Duration us={of(then)} missing="Too few requests" />
          </span>
        </Figure>
      ))}
      <Figure name="Calls per request">
        {formatRate(now.callsPerRequest)} <span class="muted">→</span>{' '}
        <span class="gain">{formatRate(then.callsPerRequest)}</span>
      </Figure>
    </dl>
  );
}

function Picture({ comparison }: ComparisonProps) {
  const { distribution } = comparison;
  const marks = marksOf(comparison);
  const label = marks.map(({ text, us }) => `${text} ${formatDuration(us)}`).join(', ');
  return (
    <div class="chart distribution">
      <Chart
        label={`Distribution of request durations. ${label}. The table has the same.`}
        draw={(context, paint, width, height) =>
          drawDistribution(context, paint, width, height, { ...distribution, marks })
        }
      />
    </div>
  );
}

function marksOf({ now, after, measured }: Compared): DistributionMark[] {
  const isMeasured = measured !== undefined && measured.requests > 0;
  const mark = (text: string, us: number | undefined, tone: DistributionMark['tone']) =>
    us === undefined ? [] : [{ text, us, tone }];
  return [
    ...mark(isMeasured ? 'measured p95' : 'after p95', isMeasured ? measured.p95Us : after.p95Us, 'accent'),
    ...mark(isMeasured ? 'before p95' : 'now p95', now.p95Us, 'ink'),
  ];
}

/** More lines than this are put together. */
const MOST_LINES = 20;

function DistributionTable({ comparison }: ComparisonProps) {
  const { stepUs, now, after, measured } = comparison.distribution;
  const buckets = Math.max(now.length, after.length, measured.length);
  const each = Math.max(1, Math.ceil(buckets / MOST_LINES));
  const series = [
    ['Now', sharesOf(now)],
    ['After, predicted', sharesOf(after)],
    ...(measured.length > 0 ? ([['Measured', sharesOf(measured)]] as const) : []),
  ] as const;
  const lines = Array.from({ length: Math.ceil(buckets / each) }, (_, index) => index * each);
  const sum = (shares: readonly number[], from: number) =>
    shares.slice(from, from + each).reduce((total, share) => total + share, 0);
  return (
    <table class="table compact">
      <thead>
        <tr>
          <th scope="col">Duration</th>
          {series.map(([name]) => (
            <th scope="col" class="numeric" key={name}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {lines.map((from) => (
          <tr key={from}>
            <td>
              {formatDuration(from * stepUs)}
              {from + each >= buckets ? ' and more' : ` to ${formatDuration((from + each) * stepUs)}`}
            </td>
            {series.map(([name, shares]) => (
              <td class="numeric" key={name}>
                {formatShare(sum(shares, from))}
              </td>
            ))}
          </tr>
        ))}
        <tr class="sum">
          <td class="muted">Requests that were looked at</td>
          {[now, after, ...(measured.length > 0 ? [measured] : [])].map((counts, index) => (
            <td class="numeric muted" key={index}>
              {formatCount(counts.reduce((total, count) => total + count, 0))}
            </td>
          ))}
        </tr>
      </tbody>
    </table>
  );
}
