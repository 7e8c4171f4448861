// Durations before and after a change on one axis. In: histograms over the same steps, percentiles. Out: pixels. The shares are of each
// histogram's own sum, so that a few requests since the change can be laid over thousands before it.

import { formatDuration } from '../../base/numbers.ts';
import type { Paint } from './paint.ts';
import { tickLabel, tickStep } from './view.ts';

export interface DistributionScene {
  /** Width of a bucket; the last one has everything beyond, too. */
  readonly stepUs: number;
  readonly now: readonly number[];
  readonly after: readonly number[];
  /** Empty when nothing has been measured since. */
  readonly measured: readonly number[];
  readonly marks: readonly DistributionMark[];
}

export interface DistributionMark {
  readonly text: string;
  readonly us: number;
  readonly tone: 'ink' | 'accent';
}

/** Of each bucket, the share of all; empty stays empty. */
export function sharesOf(counts: readonly number[]): number[] {
  const sum = counts.reduce((total, count) => total + count, 0);
  return sum === 0 ? [] : counts.map((count) => count / sum);
}

const SIDE_PX = 8;
const BOTTOM_PX = 22;
/** Room for the names of the marks. */
const TOP_PX = 40;
const LINE_PX = 15;

interface Frame {
  readonly left: number;
  readonly right: number;
  readonly bottom: number;
  /** µs at the right edge. */
  readonly endUs: number;
  /** Pixels for a share of 1. */
  readonly scale: number;
}

export function drawDistribution(
  context: CanvasRenderingContext2D,
  paint: Paint,
  width: number,
  height: number,
  scene: DistributionScene,
): void {
  const [now, after, measured] = [sharesOf(scene.now), sharesOf(scene.after), sharesOf(scene.measured)];
  const buckets = Math.max(now.length, after.length, measured.length, 1);
  const bottom = height - BOTTOM_PX;
  const frame: Frame = {
    left: SIDE_PX,
    right: width - SIDE_PX,
    bottom,
    endUs: buckets * scene.stepUs,
    scale: (bottom - TOP_PX) / Math.max(...now, ...after, ...measured, 1e-9),
  };
  const isMeasured = measured.length > 0;
  drawAxis(context, paint, frame, height);
  drawArea(context, frame, now, paint.line2, 1);
  drawArea(context, frame, isMeasured ? measured : after, paint.accent2, isMeasured ? 0.7 : 0.33);
  drawOutline(context, frame, isMeasured ? measured : after, paint.accent, []);
  // The prediction is dashed from the moment there is something to compare it with.
  if (isMeasured) drawOutline(context, frame, after, paint.ink, [3, 3]);
  scene.marks.forEach((mark, index) => drawMark(context, paint, frame, mark, index));
}

function xOf({ left, right, endUs }: Frame, us: number): number {
  return left + (Math.min(us, endUs) / endUs) * (right - left);
}

function drawAxis(context: CanvasRenderingContext2D, paint: Paint, frame: Frame, height: number): void {
  const { left, right, bottom, endUs } = frame;
  const stepUs = tickStep({ from: 0, to: endUs }, right - left);
  context.font = paint.fontSmall;
  context.textBaseline = 'middle';
  for (let us = 0; us <= endUs + stepUs / 1000; us += stepUs) {
    const x = Math.round(xOf(frame, us));
    const isLast = us + stepUs > endUs + stepUs / 1000;
    context.fillStyle = paint.line;
    context.fillRect(x, 8, 1, bottom - 8);
    context.fillStyle = paint.ink3;
    context.textAlign = us === 0 ? 'left' : isLast && x > right - 30 ? 'right' : 'center';
    context.fillText(tickLabel(us, stepUs), x, height - 9);
  }
  context.fillStyle = paint.line;
  context.fillRect(left, bottom, right - left, 1);
}

/** From the lower left along the tops of the buckets. */
function trace(context: CanvasRenderingContext2D, frame: Frame, shares: readonly number[]): void {
  const { left, right, bottom, scale } = frame;
  const step = (right - left) / shares.length;
  context.beginPath();
  context.moveTo(left, bottom);
  shares.forEach((share, index) => {
    const y = bottom - share * scale;
    context.lineTo(left + index * step, y);
    context.lineTo(left + (index + 1) * step, y);
  });
  context.lineTo(right, bottom);
}

function drawArea(
  context: CanvasRenderingContext2D,
  frame: Frame,
  shares: readonly number[],
  fill: string,
  alpha: number,
): void {
  if (shares.length === 0) return;
  trace(context, frame, shares);
  context.globalAlpha = alpha;
  context.fillStyle = fill;
  context.fill();
  context.globalAlpha = 1;
}

function drawOutline(
  context: CanvasRenderingContext2D,
  frame: Frame,
  shares: readonly number[],
  stroke: string,
  dash: number[],
): void {
  if (shares.length === 0) return;
  trace(context, frame, shares);
  context.strokeStyle = stroke;
  context.lineWidth = 1.5;
  context.setLineDash(dash);
  context.stroke();
  context.setLineDash([]);
}

/** Each mark has a line of its own for its name, so that close ones do not cover each other. */
function drawMark(
  context: CanvasRenderingContext2D,
  paint: Paint,
  frame: Frame,
  { text, us, tone }: DistributionMark,
  index: number,
): void {
  const x = xOf(frame, us);
  const y = 4 + index * LINE_PX;
  const label = `${text} ${us > frame.endUs ? '› ' : ''}${formatDuration(us)}`;
  context.font = `500 ${paint.font}`;
  const width = context.measureText(label).width;
  const isLeft = x + 6 + width <= frame.right;
  const textX = isLeft ? x + 5 : x - 5 - width;
  context.fillStyle = tone === 'accent' ? paint.accent : paint.ink2;
  context.fillRect(x - 0.75, y, 1.5, frame.bottom - y);
  context.globalAlpha = 0.85;
  context.fillStyle = paint.surface;
  context.fillRect(textX - 2, y, width + 4, LINE_PX);
  context.globalAlpha = 1;
  context.fillStyle = tone === 'accent' ? paint.accent : paint.ink2;
  context.textAlign = 'left';
  context.fillText(label, textX, y + LINE_PX / 2 + 0.5);
}
