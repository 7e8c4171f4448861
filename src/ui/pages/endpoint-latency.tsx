// Latency over time: heatmap with a brush, histogram, table. In: request columns and two regions. Out: the region that was chosen.

import { useMemo, useRef, useState } from 'preact/hooks';
import { formatCount, formatDuration, formatShare } from '../../base/numbers.ts';
import type { RequestColumns } from '../../model/request-columns.ts';
import { Chart } from '../canvas/chart.tsx';
import {
  drawHeatmap,
  drawLatencyHistogram,
  plotOf,
  regionBetween,
  type LatencyScene,
} from '../canvas/heatmap.ts';
import {
  durationAt,
  GRID_COLUMNS,
  GRID_ROWS,
  gridOf,
  heightOf,
  slotsOf,
  type LatencyGrid,
  type Region,
} from '../canvas/latency-grid.ts';
import { SaveButton } from '../parts/save-button.tsx';
import { Duration, Segmented } from '../parts/text.tsx';
import { query, setParameters } from '../state/address.ts';
import { clock, narrowTo } from '../state/range.ts';

const CHARTS = [
  { value: 'heatmap', name: 'Heatmap' },
  { value: 'histogram', name: 'Histogram' },
  { value: 'table', name: 'Table' },
] as const;
type ChartName = (typeof CHARTS)[number]['value'];

/** A shorter drag is a click. */
const CLICK_PX = 6;
const TABLE_SLOTS = 12;

interface LatencyProps {
  readonly columns: RequestColumns;
  readonly times: Pick<Region, 'fromMs' | 'toMs'>;
  readonly typical: Region;
  readonly selected: Region;
  readonly isDefault: boolean;
  readonly marks: LatencyScene['marks'];
  readonly onSelect: (region: Region | undefined) => void;
}

export function Latency(props: LatencyProps) {
  const { columns, times, typical, selected, isDefault, marks, onSelect } = props;
  const { fromMs, toMs } = times;
  const grid = useMemo(() => gridOf(columns, fromMs, toMs), [columns, fromMs, toMs]);
  const shown = query.value.get('as');
  const chart: ChartName = shown === 'table' || shown === 'histogram' ? shown : 'heatmap';
  const scene = { grid, originMs: columns.originMs, typical, marks };
  return (
    <section class="card latency" aria-labelledby="latency-title">
      <header>
        <h2 id="latency-title">Latency</h2>
        <span class="muted">
          {sampleWords(columns) ??
            (chart === 'heatmap' ? 'drag to select; drag along the time axis to narrow the range' : '')}
        </span>
        <span class="space" />
        {!isDefault && (
          <button type="button" class="control small" onClick={() => onSelect(undefined)}>
            Reset to p95+
          </button>
        )}
        <Segmented
          label="Chart"
          choices={CHARTS}
          value={chart}
          onChoose={(value) => setParameters({ as: value === 'heatmap' ? undefined : value })}
        />
        {chart !== 'table' && <SaveButton />}
      </header>
      {chart === 'heatmap' && <Heatmap scene={scene} selected={selected} onSelect={onSelect} />}
      {chart === 'histogram' && (
        <div class="chart">
          <Chart
            label={`Histogram of durations. ${spoken(marks)}`}
            draw={(context, paint, width, height) =>
              drawLatencyHistogram(context, paint, width, height, { ...scene, selected })
            }
          />
        </div>
      )}
      {chart === 'table' && <LatencyTable columns={columns} grid={grid} p95Us={marks[1]?.us ?? 0} />}
    </section>
  );
}

function sampleWords({ total, at }: RequestColumns): string | undefined {
  if (at.length >= total) return undefined;
  return `${formatCount(at.length)} of ${formatCount(total)} requests, all of the slow ones`;
}

function spoken(marks: LatencyScene['marks']): string {
  return marks.map(({ name, us }) => `${name} ${formatDuration(us)}`).join(', ');
}

interface HeatmapProps {
  readonly scene: Omit<LatencyScene, 'selected'>;
  readonly selected: Region;
  readonly onSelect: (region: Region | undefined) => void;
}

function Heatmap({ scene, selected, onSelect }: HeatmapProps) {
  const start = useRef<readonly [number, number] | undefined>(undefined);
  const [brushed, setBrushed] = useState<Region | undefined>(undefined);
  const region = (event: PointerEvent): Region | undefined => {
    const canvas = event.currentTarget;
    if (!(canvas instanceof HTMLCanvasElement) || start.current === undefined) return undefined;
    const end = [event.offsetX, event.offsetY] as const;
    const length = Math.abs(end[0] - start.current[0]) + Math.abs(end[1] - start.current[1]);
    const plot = plotOf(canvas.clientWidth, canvas.clientHeight);
    if (length < CLICK_PX) return undefined;
    const between = regionBetween(plot, scene.grid, start.current, end);
    return isOnAxis(canvas) ? { ...between, fromUs: 0, toUs: Infinity } : between;
  };
  /** Below the map is the time alone. */
  const isOnAxis = (canvas: HTMLCanvasElement) =>
    (start.current?.[1] ?? 0) > plotOf(canvas.clientWidth, canvas.clientHeight).bottom;
  return (
    <div class="chart">
      <Chart
        className="brush"
        hasKeys
        label={`Latency over time. ${spoken(scene.marks)}. Arrow keys move the selected region: up and down its lower edge, left and right its end; with shift its start. Escape selects everything from p95 up.`}
        draw={(context, paint, width, height) =>
          drawHeatmap(context, paint, width, height, { ...scene, selected: brushed ?? selected })
        }
        pointer={{
          onPointerDown: (event) => {
            start.current = [event.offsetX, event.offsetY];
            event.currentTarget.setPointerCapture(event.pointerId);
          },
          onPointerMove: (event) => setBrushed(region(event)),
          onPointerUp: (event) => {
            const chosen = region(event);
            const narrows = isOnAxis(event.currentTarget);
            start.current = undefined;
            setBrushed(undefined);
            if (chosen === undefined) return;
            if (narrows) narrowTo(scene.originMs + chosen.fromMs, scene.originMs + chosen.toMs);
            else onSelect(chosen);
          },
          onKeyDown: (event) => {
            const moved = movedBy(event, selected, scene.grid);
            if (moved === undefined) return;
            event.preventDefault();
            event.stopPropagation();
            onSelect(moved);
          },
        }}
      />
    </div>
  );
}

/** The brush by keyboard: one row or column of the map at a time. undefined: not a key of the brush. */
function movedBy({ key, shiftKey }: KeyboardEvent, region: Region, grid: LatencyGrid): Region | undefined {
  const step = (grid.toMs - grid.fromMs) / GRID_COLUMNS;
  const within = (ms: number) => Math.round(Math.max(grid.fromMs, Math.min(grid.toMs, ms)));
  const rise = (rows: number) => {
    const height = heightOf(grid.scale, region.fromUs) + rows / GRID_ROWS;
    return Math.round(durationAt(grid.scale, Math.max(0, Math.min(1, height))));
  };
  if (key === 'ArrowUp') return { ...region, fromUs: Math.min(rise(1), region.toUs) };
  if (key === 'ArrowDown') return { ...region, fromUs: rise(-1) };
  const by = key === 'ArrowLeft' ? -step : key === 'ArrowRight' ? step : 0;
  if (by === 0) return undefined;
  return shiftKey
    ? { ...region, fromMs: Math.min(within(region.fromMs + by), region.toMs) }
    : { ...region, toMs: Math.max(within(region.toMs + by), region.fromMs) };
}

interface TableProps {
  readonly columns: RequestColumns;
  readonly grid: LatencyGrid;
  readonly p95Us: number;
}

function LatencyTable({ columns, grid, p95Us }: TableProps) {
  const slots = useMemo(() => slotsOf(columns, grid, TABLE_SLOTS, p95Us), [columns, grid, p95Us]);
  return (
    <table class="table compact">
      <thead>
        <tr>
          <th scope="col">From</th>
          {['Requests', 'p50', 'p95', 'Slowest', 'Over p95 of all'].map((name) => (
            <th scope="col" class="numeric" key={name}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {slots.map((slot) => (
          <tr key={slot.fromMs}>
            <td>{clock(columns.originMs + slot.fromMs)}</td>
            <td class="numeric">{formatCount(slot.requests)}</td>
            <td class="numeric">
              <Duration us={slot.p50Us} />
            </td>
            <td class="numeric strong">
              <Duration us={slot.p95Us} />
            </td>
            <td class="numeric">
              <Duration us={slot.maxUs} />
            </td>
            <td class="numeric">{formatShare(slot.shareOver)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
