// One frame of the waterfall. In: a scene. Out: pixels: grid, selection, bars, critical path, labels. Only rows in sight.

import { drawGroup, drawLane, drawOperation, drawRun, drawRunBracket } from './bars.ts';
import { isFold, NodeKind } from './rows.ts';
import { BAR_PX, opacityOf, ROW_PX, xOf, type Scene } from './scene.ts';
import type { TypicalTimes } from './typical.ts';

const BAR_TOP = (ROW_PX - BAR_PX) / 2;
/** Steps of the critical path under this many pixels join the step before. */
const SHORTEST_STEP_PX = 5;

export function drawWaterfall(context: CanvasRenderingContext2D, scene: Scene): void {
  const first = Math.max(0, Math.floor(scene.scrollTop / ROW_PX));
  const last = Math.min(scene.rows.nodes.length, Math.ceil((scene.scrollTop + scene.height) / ROW_PX));
  drawGrid(context, scene);
  context.font = scene.paint.font;
  context.textBaseline = 'middle';
  for (let row = first; row < last; row++) drawRow(context, scene, row);
  drawPath(context, scene);
  for (let row = first; row < last; row++) drawLabel(context, scene, row);
  if (scene.measured !== undefined) drawMeasured(context, scene, scene.measured.from, scene.measured.to);
}

/** What is outside of the measured stretch steps back. */
function drawMeasured(context: CanvasRenderingContext2D, scene: Scene, fromUs: number, toUs: number): void {
  const { width, height, paint } = scene;
  const [left, right] = [Math.max(0, xOf(scene, fromUs)), Math.min(width, xOf(scene, toUs))];
  context.globalAlpha = 0.5;
  context.fillStyle = paint.bg;
  context.fillRect(0, 0, left, height);
  context.fillRect(right, 0, Math.max(0, width - right), height);
  context.globalAlpha = 1;
  context.fillStyle = paint.accent;
  context.fillRect(left - 1, 0, 1, height);
  context.fillRect(right, 0, 1, height);
}

function drawGrid(context: CanvasRenderingContext2D, scene: Scene): void {
  const { fromUs, stepUs, width, height, scale, paint } = scene;
  const toUs = fromUs + width / scale;
  context.fillStyle = paint.line;
  for (let us = Math.ceil(fromUs / stepUs) * stepUs; us < toUs; us += stepUs)
    context.fillRect(Math.round(xOf(scene, us)), 0, 1, height);
}

function drawRow(context: CanvasRenderingContext2D, scene: Scene, row: number): void {
  const node = scene.rows.nodes[row] ?? 0;
  const top = row * ROW_PX - scene.scrollTop;
  if (node === scene.selected) {
    context.fillStyle = scene.paint.accentSoft;
    context.fillRect(0, top, scene.width, ROW_PX);
  }
  if (scene.typical !== undefined) drawTypical(context, scene, scene.typical, node, top);
  if (isOutside(scene, node)) return;
  context.globalAlpha = opacityOf(scene, node);
  drawBar(context, scene, node, row, top + BAR_TOP);
  context.globalAlpha = 1;
}

function drawBar(
  context: CanvasRenderingContext2D,
  scene: Scene,
  node: number,
  row: number,
  y: number,
): void {
  const kind = scene.tree.kind[node];
  if (kind === NodeKind.request) drawLane(context, scene, node, y);
  else if (kind === NodeKind.operation) drawOperation(context, scene, node, y);
  else if (scene.rows.rowOf[node + 1] !== row) drawRunBracket(context, scene, node, y);
  else if (kind === NodeKind.run) drawRun(context, scene, node, y);
  else drawGroup(context, scene, node, y);
}

/** When the same happened in the typical request: a thin dashed outline around the row's bar. */
function drawTypical(
  context: CanvasRenderingContext2D,
  scene: Scene,
  { startUs, endUs }: TypicalTimes,
  node: number,
  top: number,
): void {
  const left = xOf(scene, startUs[node] ?? Number.NaN);
  const right = xOf(scene, endUs[node] ?? Number.NaN);
  if (Number.isNaN(left) || right < 0 || left > scene.width) return;
  const from = Math.max(-2, left);
  context.strokeStyle = scene.paint.ink2;
  context.lineWidth = 1;
  context.setLineDash([3, 2]);
  context.strokeRect(
    Math.round(from) + 0.5,
    top + 3.5,
    Math.max(2, Math.min(scene.width + 2, right) - from),
    ROW_PX - 7,
  );
  context.setLineDash([]);
}

function isOutside(scene: Scene, node: number): boolean {
  return (
    xOf(scene, scene.tree.endUs[node] ?? 0) < 0 || xOf(scene, scene.tree.startUs[node] ?? 0) > scene.width
  );
}

/** One stepped line under the bars, from the first to the last instant. */
function drawPath(context: CanvasRenderingContext2D, scene: Scene): void {
  const { line, width, height, scrollTop } = scene;
  line.update(scene.path, scene.rows.rowOf, SHORTEST_STEP_PX / scene.scale);
  context.strokeStyle = scene.paint.ink2;
  context.lineWidth = 1.25;
  context.lineJoin = 'round';
  context.beginPath();
  let isStarted = false;
  for (let step = 0; step < line.count; step++) {
    const left = xOf(scene, line.startUs[step] ?? 0);
    const right = xOf(scene, line.endUs[step] ?? 0);
    if (right < 0) continue;
    if (left > width) break;
    const y = (line.row[step] ?? 0) * ROW_PX - scrollTop + (ROW_PX + BAR_PX) / 2 + 2.5;
    const inSight = Math.max(-40, Math.min(height + 40, y));
    if (isStarted) context.lineTo(Math.max(0, left), inSight);
    else context.moveTo(Math.max(0, left), inSight);
    context.lineTo(Math.min(width, right), inSight);
    isStarted = true;
  }
  context.stroke();
}

/** Right of the bar, else left of it, else on a plate inside; at the edge when the bar is out of sight. */
function drawLabel(context: CanvasRenderingContext2D, scene: Scene, row: number): void {
  const node = scene.rows.nodes[row] ?? 0;
  const y = row * ROW_PX - scene.scrollTop + ROW_PX / 2;
  if (isOutside(scene, node)) return drawEdgeLabel(context, scene, node, y);
  const width = scene.labels.width(node, context);
  const x = labelLeft(scene, node, width);
  context.globalAlpha = 0.88;
  context.fillStyle = node === scene.selected ? scene.paint.accentSoft : scene.paint.surface;
  context.fillRect(x - 3, y - BAR_PX / 2 - 1, width + 6, BAR_PX + 2);
  context.globalAlpha = 1;
  context.fillStyle = labelColour(scene, node);
  context.textAlign = 'left';
  context.fillText(scene.labels.text(node), x, y + 0.5);
}

function labelLeft(scene: Scene, node: number, width: number): number {
  const right = xOf(scene, scene.tree.endUs[node] ?? 0) + 7;
  if (right + width < scene.width - 4) return Math.max(6, right);
  const left = xOf(scene, scene.tree.startUs[node] ?? 0) - 8 - width;
  return left > 0 ? left : scene.width - 8 - width;
}

function labelColour(scene: Scene, node: number): string {
  const operation = scene.tree.operation[node] ?? -1;
  const isOperation = !isFold(scene.tree.kind[node]) && operation >= 0;
  if (isOperation && scene.bars.isError[operation] === 1) return scene.paint.bad;
  return opacityOf(scene, node) < 1 ? scene.paint.ink3 : scene.paint.ink2;
}

function drawEdgeLabel(context: CanvasRenderingContext2D, scene: Scene, node: number, y: number): void {
  const isLeft = xOf(scene, scene.tree.endUs[node] ?? 0) < 0;
  context.fillStyle = scene.paint.ink3;
  context.textAlign = isLeft ? 'left' : 'right';
  context.fillText(scene.labels.outside(node, isLeft), isLeft ? 6 : scene.width - 6, y);
}
