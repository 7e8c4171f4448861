// The heatmap of latency with its margin and its two regions, and the same as a histogram. In: a grid, regions, percentiles.
// Places and sizes are in `plotOf`, which the pointer uses too.

import { formatDuration } from '../../base/numbers.ts';
import { clock } from '../state/range.ts';
import {
  durationAt,
  GRID_COLUMNS,
  GRID_ROWS,
  heightOf,
  latencyTick,
  latencyTicks,
  type LatencyGrid,
  type Region,
} from './latency-grid.ts';
import type { Paint } from './paint.ts';

export interface LatencyScene {
  readonly grid: LatencyGrid;
  readonly originMs: number;
  readonly typical: Region;
  readonly selected: Region;
  readonly marks: readonly { readonly name: string; readonly us: number }[];
}

const LEFT = 52;
const BOTTOM = 20;
const TOP = 4;
const MARGIN = 92;
const MARGIN_GAP = 12;
/** Below it the margin would leave too little for the map. */
const NARROW = 420;

export interface Plot {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly hasMargin: boolean;
}

export function plotOf(width: number, height: number): Plot {
  const hasMargin = width >= NARROW;
  const right = hasMargin ? width - MARGIN - MARGIN_GAP : width - 4;
  return { left: LEFT, right, top: TOP, bottom: height - BOTTOM, hasMargin };
}

export function xOfTime({ left, right }: Plot, { fromMs, toMs }: LatencyGrid, ms: number): number {
  const share = (Math.max(fromMs, Math.min(toMs, ms)) - fromMs) / Math.max(1, toMs - fromMs);
  return left + share * (right - left);
}

export function yOfDuration({ top, bottom }: Plot, { scale }: LatencyGrid, us: number): number {
  return bottom - heightOf(scale, us) * (bottom - top);
}

/** The region between two points of the plot; at the upper edge it is open. */
export function regionBetween(
  plot: Plot,
  grid: LatencyGrid,
  a: readonly [number, number],
  b: readonly [number, number],
): Region {
  const time = (x: number) =>
    grid.fromMs + clamp((x - plot.left) / (plot.right - plot.left)) * (grid.toMs - grid.fromMs);
  const height = (y: number) => clamp((plot.bottom - y) / (plot.bottom - plot.top));
  const top = Math.min(a[1], b[1]);
  return {
    fromMs: Math.floor(time(Math.min(a[0], b[0]))),
    toMs: Math.ceil(time(Math.max(a[0], b[0]))),
    fromUs: Math.floor(durationAt(grid.scale, height(Math.max(a[1], b[1])))),
    toUs: top <= plot.top + 1 ? Infinity : Math.ceil(durationAt(grid.scale, height(top))),
  };
}

function clamp(share: number): number {
  return Math.max(0, Math.min(1, share));
}

export function drawHeatmap(
  context: CanvasRenderingContext2D,
  paint: Paint,
  width: number,
  height: number,
  scene: LatencyScene,
): void {
  const plot = plotOf(width, height);
  context.font = paint.fontSmall;
  context.textBaseline = 'middle';
  drawCells(context, paint, plot, scene.grid);
  drawAxes(context, paint, plot, scene, height);
  if (plot.hasMargin) drawMargin(context, paint, plot, scene, width);
  drawTypical(context, paint, plot, scene);
  drawSelected(context, paint, plot, scene);
}

const STEPS = 5;

function drawCells(context: CanvasRenderingContext2D, paint: Paint, plot: Plot, grid: LatencyGrid): void {
  const { left, right, top, bottom } = plot;
  const cellWidth = (right - left) / GRID_COLUMNS;
  const cellHeight = (bottom - top) / GRID_ROWS;
  const full = Math.log(1 + grid.mostInCell) || 1;
  context.fillStyle = paint.heat[0] ?? '';
  context.fillRect(left, top, right - left, bottom - top);
  for (let row = 0; row < GRID_ROWS; row++)
    for (let column = 0; column < GRID_COLUMNS; column++) {
      const count = grid.cells[row * GRID_COLUMNS + column] ?? 0;
      if (count === 0) continue;
      const step = Math.min(STEPS, 1 + Math.floor((Math.log(1 + count) / full) * STEPS));
      context.fillStyle = paint.heat[step] ?? '';
      context.fillRect(
        left + column * cellWidth,
        bottom - (row + 1) * cellHeight,
        cellWidth - 0.5,
        cellHeight - 0.5,
      );
    }
}

function drawAxes(
  context: CanvasRenderingContext2D,
  paint: Paint,
  plot: Plot,
  { grid, originMs }: LatencyScene,
  height: number,
): void {
  context.fillStyle = paint.ink3;
  context.textAlign = 'right';
  for (const us of latencyTicks(grid.scale))
    context.fillText(latencyTick(us), plot.left - 8, yOfDuration(plot, grid, us));
  const count = Math.max(2, Math.min(6, Math.floor((plot.right - plot.left) / 95)));
  for (let nth = 0; nth < count; nth++) {
    const ms = grid.fromMs + (nth / (count - 1)) * (grid.toMs - grid.fromMs);
    context.textAlign = nth === 0 ? 'left' : nth === count - 1 ? 'right' : 'center';
    context.fillText(clock(originMs + ms), xOfTime(plot, grid, ms), height - 7);
  }
}

function drawMargin(
  context: CanvasRenderingContext2D,
  paint: Paint,
  plot: Plot,
  { grid, selected, marks }: LatencyScene,
  width: number,
): void {
  const left = plot.right + MARGIN_GAP;
  const row = (plot.bottom - plot.top) / GRID_ROWS;
  for (let index = 0; index < GRID_ROWS; index++) {
    const us = durationAt(grid.scale, (index + 0.5) / GRID_ROWS);
    context.fillStyle = us >= selected.fromUs && us <= selected.toUs ? paint.ink : paint.line2;
    const length = ((grid.rows[index] ?? 0) / (grid.mostInRow || 1)) * (MARGIN - 34);
    context.fillRect(left, plot.bottom - (index + 1) * row, length, row - 1);
  }
  context.textAlign = 'left';
  let lastY = Infinity;
  for (const { name, us } of marks) {
    const y = yOfDuration(plot, grid, us);
    context.fillStyle = paint.ink3;
    context.fillRect(left, Math.round(y), MARGIN - 28, 1);
    context.fillStyle = paint.ink2;
    if (lastY - y >= 12) context.fillText(name, width - 25, y);
    lastY = lastY - y >= 12 ? y : lastY;
  }
}

function drawTypical(
  context: CanvasRenderingContext2D,
  paint: Paint,
  plot: Plot,
  { grid, typical }: LatencyScene,
): void {
  const top = Math.round(yOfDuration(plot, grid, typical.toUs));
  const bottom = Math.round(yOfDuration(plot, grid, typical.fromUs));
  context.setLineDash([3, 3]);
  context.strokeStyle = paint.ink;
  context.lineWidth = 1;
  context.strokeRect(plot.left + 0.5, top + 0.5, plot.right - plot.left - 1, Math.max(1, bottom - top));
  context.setLineDash([]);
  plate(
    context,
    paint,
    'typical',
    plot.left + 6,
    Math.min(plot.bottom - 10, bottom + 13),
    paint.ink,
    paint.surface,
  );
}

function drawSelected(
  context: CanvasRenderingContext2D,
  paint: Paint,
  plot: Plot,
  { grid, selected }: LatencyScene,
): void {
  const left = xOfTime(plot, grid, selected.fromMs);
  const right = Math.max(left + 2, xOfTime(plot, grid, selected.toMs));
  const top = selected.toUs === Infinity ? plot.top : yOfDuration(plot, grid, selected.toUs);
  const bottom = Math.max(top + 2, yOfDuration(plot, grid, selected.fromUs));
  context.globalAlpha = 0.12;
  context.fillStyle = paint.accent2;
  context.fillRect(left, top, right - left, bottom - top);
  context.globalAlpha = 1;
  context.strokeStyle = paint.accent;
  context.lineWidth = 2;
  context.strokeRect(left + 1, top + 1, right - left - 2, bottom - top - 2);
  plate(
    context,
    paint,
    'selected',
    left + 6,
    Math.min(plot.bottom - 10, top + 14),
    paint.onAccent,
    paint.accent,
  );
}

function plate(
  context: CanvasRenderingContext2D,
  paint: Paint,
  text: string,
  x: number,
  y: number,
  ink: string,
  ground: string,
): void {
  context.font = paint.fontSmall.replace(/^/, '500 ');
  context.textAlign = 'left';
  const width = context.measureText(text).width;
  context.fillStyle = ground;
  context.fillRect(x, y - 9, width + 10, 18);
  context.fillStyle = ink;
  context.fillText(text, x + 5, y + 0.5);
}

/** How many requests took how long, over all of the range. */
export function drawLatencyHistogram(
  context: CanvasRenderingContext2D,
  paint: Paint,
  width: number,
  height: number,
  { grid, selected, typical, marks }: LatencyScene,
): void {
  const plot: Plot = { left: 8, right: width - 8, top: 26, bottom: height - 22, hasMargin: false };
  const x = (us: number) => plot.left + heightOf(grid.scale, us) * (plot.right - plot.left);
  context.font = paint.fontSmall;
  context.textBaseline = 'middle';
  context.textAlign = 'center';
  for (const us of latencyTicks(grid.scale)) {
    context.fillStyle = paint.line;
    context.fillRect(x(us), 4, 1, plot.bottom - 4);
    context.fillStyle = paint.ink3;
    context.fillText(latencyTick(us), Math.max(24, Math.min(width - 24, x(us))), height - 9);
  }
  const bar = (plot.right - plot.left) / GRID_ROWS;
  for (let index = 0; index < GRID_ROWS; index++) {
    const us = durationAt(grid.scale, (index + 0.5) / GRID_ROWS);
    const isTypical = us >= typical.fromUs && us <= typical.toUs;
    context.fillStyle =
      us >= selected.fromUs && us <= selected.toUs
        ? paint.ink
        : isTypical
          ? (paint.heat[3] ?? '')
          : paint.line2;
    const length = ((grid.rows[index] ?? 0) / (grid.mostInRow || 1)) * (plot.bottom - plot.top);
    context.fillRect(plot.left + index * bar, plot.bottom - length, bar - 1, length);
  }
  context.textAlign = 'left';
  marks.forEach(({ name, us }, index) => {
    context.fillStyle = paint.ink2;
    context.fillRect(x(us), 4, 1, plot.bottom - 4);
    const text = `${name} ${formatDuration(us)}`;
    const left = Math.min(x(us) + 5, width - context.measureText(text).width - 4);
    context.fillText(text, left, 8 + (index % 2) * 12);
  });
}
