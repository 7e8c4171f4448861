// A pool over the whole range: its figures, its line and how busy it was, with the visible window as a frame that can be dragged.

import { useRef } from 'preact/hooks';
import { formatCount, formatRate, formatShare } from '../../base/numbers.ts';
import { Chart } from '../canvas/chart.tsx';
import { drawPoolOverview, overviewTime } from '../canvas/pool-drawing.ts';
import { Figure } from '../parts/figure.tsx';
import { Duration, Segmented } from '../parts/text.tsx';
import { query, setParameters } from '../state/address.ts';
import { show, type PoolView } from '../state/pool-window.ts';
import { clock } from '../state/range.ts';

export function Overview({ answer, visible }: PoolView) {
  const { row, maxLine, operationsSeen } = answer;
  const isDragging = useRef(false);
  const follow = (event: PointerEvent & { readonly currentTarget: HTMLCanvasElement }) => {
    if (!isDragging.current) return;
    const at = overviewTime(answer.window, event.currentTarget.clientWidth, event.offsetX);
    const half = (visible.toUs - visible.fromUs) / 2;
    show({ fromUs: at - half, toUs: at + half });
  };
  return (
    <section class="card" aria-labelledby="pool-title">
      <header>
        <h2 id="pool-title">
          {row.service} → {row.dependency}
        </h2>
        <span class="muted">whole range; drag the window</span>
        <span class="space" />
        <Segmented
          label="Chart"
          choices={[
            { value: 'lanes', name: 'Lanes' },
            { value: 'table', name: 'Table' },
          ]}
          value={query.value.get('as') === 'table' ? 'table' : 'lanes'}
          onChoose={(value) => setParameters({ as: value === 'table' ? value : undefined })}
        />
      </header>
      <dl class="figures pool-figures">
        <Figure name="Calls that wait">{formatShare(row.waited / (row.calls || 1))}</Figure>
        <Figure name="p95 wait">
          <Duration us={row.p95WaitUs} />
        </Figure>
        <Figure name="Longest line">{formatCount(maxLine)}</Figure>
        <Figure name="Connections seen">{formatCount(row.connections)}</Figure>
        <Figure name="New connections">
          {formatCount(row.newConnections)} <span class="unit">of {formatCount(row.calls)} calls</span>
        </Figure>
        <Figure name="Calls per connection">{formatRate(row.calls / (row.connections || 1))}</Figure>
        <Figure name="DNS, TCP, TLS, login">
          <Duration us={row.newConnections === 0 ? 0 : Math.round(row.setupUs / row.newConnections)} />{' '}
          <span class="unit">each</span>
        </Figure>
        <Figure name="Time lost">
          <Duration us={row.poolUs + row.setupUs} />
        </Figure>
      </dl>
      <div class="chart overview-chart">
        <Chart
          label={`The range: the longest line was ${formatCount(maxLine)}. The window is at ${clock(visible.fromUs / 1000)}.`}
          draw={(context, paint, width, height) =>
            drawPoolOverview(context, paint, width, height, answer, visible)
          }
          pointer={{
            onPointerDown: (event) => {
              isDragging.current = true;
              event.currentTarget.setPointerCapture(event.pointerId);
              follow(event);
            },
            onPointerMove: follow,
            onPointerUp: () => (isDragging.current = false),
          }}
        />
      </div>
      {operationsSeen < row.calls && (
        <p class="card-note">
          The line rests on the latest {formatCount(operationsSeen)} operations of this range.
        </p>
      )}
    </section>
  );
}
