// How long the requests that match took, as bars on a log axis. A bar is a button: it narrows the filter to its durations.

import type { DurationHistogram } from '../../answer/api.ts';
import { formatCount, formatDuration } from '../../base/numbers.ts';
import { latencyTick, latencyTicks } from '../canvas/latency-grid.ts';

interface HistogramProps {
  readonly histogram: DurationHistogram;
  readonly onChoose: (fromUs: number, toUs: number) => void;
}

export function DurationBars({ histogram, onChoose }: HistogramProps) {
  const { lowUs, highUs, counts } = histogram;
  const most = Math.max(1, ...counts);
  const at = (share: number) => lowUs * (highUs / lowUs) ** share;
  const place = (us: number) => (Math.log(us / lowUs) / Math.log(highUs / lowUs)) * 100;
  return (
    <div class="duration-bars" role="group" aria-label="Durations of the requests that match">
      <div class="bars">
        {counts.map((count, index) => {
          const from = Math.floor(at(index / counts.length));
          const to = Math.ceil(at((index + 1) / counts.length));
          const words = `${formatCount(count)} requests of ${formatDuration(from)} to ${formatDuration(to)}`;
          return (
            <button
              type="button"
              key={index}
              title={words}
              aria-label={words}
              disabled={count === 0}
              tabIndex={-1}
              onClick={() => onChoose(from, to)}
            >
              <i style={{ height: `${count === 0 ? 0 : Math.max(3, (count / most) * 100)}%` }} />
            </button>
          );
        })}
      </div>
      <div class="ticks" aria-hidden="true">
        {latencyTicks({ lowUs, highUs }).map((us) => (
          <span key={us} style={{ left: `${place(us)}%` }}>
            {latencyTick(us)}
          </span>
        ))}
      </div>
    </div>
  );
}
