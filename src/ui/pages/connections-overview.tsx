// A pool over the whole range: its figures, its line and how busy it was, with the visible window as a frame that can be dragged.

import { useRef } from 'preact/hooks';
import type { PoolAnswer } from '../../answer/api.ts';
import { formatCount, formatRate, formatShare } from '../../base/numbers.ts';
import { Chart, type CanvasEvents } from '../canvas/chart.tsx';
import {
  brushed,
  centredAt,
  handleAt,
  movedByKey,
  type Handle,
  type Span,
} from '../canvas/overview-brush.ts';
import { drawPoolOverview, overviewTime, overviewX } from '../canvas/pool-drawing.ts';
import { Figure } from '../parts/figure.tsx';
import { Duration, Segmented } from '../parts/text.tsx';
import { query, setParameters } from '../state/address.ts';
import { show, type PoolView } from '../state/pool-window.ts';
import { clock } from '../state/range.ts';

/** A press that moves less is a click. */
const CLICK_PX = 3;

interface Press {
  readonly x: number;
  readonly us: number;
  readonly handle: Handle;
  readonly before: Span;
  hasMoved: boolean;
}

/** By pointer: a new window, or the edges or the whole of the one that is there. By keyboard: its end, with shift its start. */
function useBrush({ answer, visible }: PoolView): CanvasEvents {
  const press = useRef<Press | undefined>(undefined);
  const range = rangeOf(answer);
  const timeAt = (canvas: HTMLCanvasElement, x: number) => overviewTime(answer.window, canvas.clientWidth, x);
  return {
    onPointerDown: ({ currentTarget, offsetX, pointerId }) => {
      const x = (us: number) => overviewX(answer.window, currentTarget.clientWidth, us);
      press.current = {
        x: offsetX,
        us: timeAt(currentTarget, offsetX),
        handle: handleAt(offsetX, x(visible.fromUs), x(visible.toUs)),
        before: visible,
        hasMoved: false,
      };
      currentTarget.setPointerCapture(pointerId);
    },
    onPointerMove: ({ currentTarget, offsetX }) => {
      const started = press.current;
      if (started === undefined) return;
      started.hasMoved ||= Math.abs(offsetX - started.x) > CLICK_PX;
      if (!started.hasMoved) return;
      const next = brushed(started.handle, started.before, started.us, timeAt(currentTarget, offsetX), range);
      if (next.toUs > next.fromUs) show(next);
    },
    onPointerUp: () => {
      const ended = press.current;
      press.current = undefined;
      if (ended && !ended.hasMoved && ended.handle === 'outside')
        show(centredAt(ended.before, ended.us, range));
    },
    onKeyDown: (event) => {
      const next = event.key === 'Escape' ? answer.first : movedByKey(event, visible, range);
      if (next === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      if (next.toUs > next.fromUs) show(next);
    },
  };
}

function rangeOf({ window: { from, to } }: PoolAnswer): Span {
  return { fromUs: from * 1000, toUs: to * 1000 + 999 };
}

export function Overview({ answer, visible }: PoolView) {
  const { row, maxLine, operationsSeen } = answer;
  const brush = useBrush({ answer, visible });
  return (
    <section class="card" aria-labelledby="pool-title">
      <header>
        <h2 id="pool-title">
          {row.service} → {row.dependency}
        </h2>
        <span class="muted">whole range; drag to choose the window below</span>
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
          className="brush"
          hasKeys
          label={`The range: the longest line was ${formatCount(maxLine)}. The window is from ${clock(visible.fromUs / 1000)} to ${clock(visible.toUs / 1000)}. Left and right move its end, with shift its start; escape goes back to where it was first.`}
          draw={(context, paint, width, height) =>
            drawPoolOverview(context, paint, width, height, answer, visible)
          }
          pointer={brush}
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
