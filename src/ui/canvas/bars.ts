// Bars, lanes and runs of one row. In: a scene, a node, where its row is. Out: pixels. Allocates nothing.

import { CategoryIndex } from '../../model/category.ts';
import { PhaseIndex } from '../../model/row.ts';
import { isEdgePhase, PHASE_COUNT, phaseCategory, PHASES_IN_TIME } from './bar-data.ts';
import { membersOf, NodeKind } from './rows.ts';
import { BAR_PX, xOf, type Scene } from './scene.ts';

/** A bar is never thinner, so that nothing disappears. */
const THINNEST_PX = 1;
/** A phase that is a neighbour of others may be thinner. */
const THINNEST_PHASE_PX = 0.6;
/** More segments than one in 4 px would turn solid: draw the covered share instead. */
const DENSE_PX = 4;

/** One operation in its phases; the end of one that did not finish while it was watched is torn. */
export function drawOperation(
  context: CanvasRenderingContext2D,
  scene: Scene,
  node: number,
  y: number,
): void {
  const operation = scene.tree.operation[node] ?? 0;
  const category = scene.tree.category[node] ?? 0;
  let atUs = scene.tree.startUs[node] ?? 0;
  for (const phase of PHASES_IN_TIME) {
    const us = scene.bars.phasesUs[operation * PHASE_COUNT + phase] ?? 0;
    if (us > 0) drawPhase(context, scene, phase, category, atUs, us, y);
    atUs += us;
  }
  if (scene.bars.isUnfinished[operation] === 1) drawTorn(context, scene, atUs, category, y);
}

const TEETH = 3;

function drawTorn(
  context: CanvasRenderingContext2D,
  scene: Scene,
  endUs: number,
  category: number,
  y: number,
): void {
  const x = xOf(scene, endUs);
  if (x < 0 || x > scene.width) return;
  const tooth = BAR_PX / TEETH;
  context.fillStyle = scene.paint.flat[category] ?? scene.paint.ink3;
  context.beginPath();
  for (let nth = 0; nth < TEETH; nth++) {
    context.moveTo(x, y + nth * tooth);
    context.lineTo(x + tooth, y + (nth + 0.5) * tooth);
    context.lineTo(x, y + (nth + 1) * tooth);
  }
  context.fill();
}

function drawPhase(
  context: CanvasRenderingContext2D,
  scene: Scene,
  phase: number,
  category: number,
  atUs: number,
  us: number,
  y: number,
): void {
  const left = xOf(scene, atUs);
  const right = left + us * scene.scale;
  if (right < 0 || left > scene.width) return;
  const colour = phaseCategory(phase, category);
  const { fill, strong, surface } = scene.paint;
  context.fillStyle = (isEdgePhase(phase, category) ? strong[colour] : fill[colour]) ?? surface;
  fillSpan(context, scene, left, right, y, phase === PhaseIndex.wait ? THINNEST_PX : THINNEST_PHASE_PX);
  if (colour !== CategoryIndex.conn || right - left <= 6) return;
  context.fillStyle = surface;
  context.fillRect(right - 0.75, y, 0.75, BAR_PX);
}

function fillSpan(
  context: CanvasRenderingContext2D,
  scene: Scene,
  left: number,
  right: number,
  y: number,
  thinnest: number,
): void {
  const from = Math.max(0, left);
  const width = Math.max(thinnest, Math.min(right, scene.width) - from);
  context.fillRect(from, y, width, BAR_PX);
}

/** A folded run: all its calls in one lane, or one block when there are more calls than pixels. */
export function drawRun(context: CanvasRenderingContext2D, scene: Scene, node: number, y: number): void {
  const count = membersOf(scene.tree, node);
  const left = xOf(scene, scene.tree.startUs[node] ?? 0);
  const right = xOf(scene, scene.tree.endUs[node] ?? 0);
  if (count * 1.2 > right - left) return drawBlock(context, scene, node, y);
  for (let member = node + 1; member <= node + count; member++) {
    const start = xOf(scene, scene.tree.startUs[member] ?? 0);
    const end = xOf(scene, scene.tree.endUs[member] ?? 0);
    if (end < 0 || start > scene.width) continue;
    drawOperation(context, scene, member, y);
    if (end - start <= 3) continue;
    context.fillStyle = scene.paint.surface;
    context.fillRect(end - 0.5, y, 1, BAR_PX);
  }
}

/** A folded group: all operations below it in one lane; in callees, what they did themselves is the lane. */
export function drawGroup(context: CanvasRenderingContext2D, scene: Scene, node: number, y: number): void {
  const { tree, paint } = scene;
  const left = xOf(scene, tree.startUs[node] ?? 0);
  const right = xOf(scene, tree.endUs[node] ?? 0);
  if ((tree.after[node] ?? 0) - node > (right - left) * 4) return drawBlock(context, scene, node, y);
  const from = Math.max(0, left);
  context.fillStyle = paint.surface2;
  context.fillRect(from, y, Math.max(THINNEST_PX, Math.min(scene.width, right) - from), BAR_PX);
  for (let below = node + 1; below < (tree.after[node] ?? 0); below++) {
    if (tree.kind[below] !== NodeKind.operation) continue;
    const end = xOf(scene, tree.endUs[below] ?? 0);
    if (end < 0 || xOf(scene, tree.startUs[below] ?? 0) > scene.width) continue;
    drawOperation(context, scene, below, y);
  }
}

/** The height says how much of it was waiting for a connection. */
function drawBlock(context: CanvasRenderingContext2D, scene: Scene, node: number, y: number): void {
  const { tree, bars, paint } = scene;
  let poolUs = 0;
  let sumUs = 0;
  for (let member = node + 1; member < (tree.after[node] ?? 0); member++) {
    if (tree.kind[member] !== NodeKind.operation) continue;
    poolUs += bars.phasesUs[(tree.operation[member] ?? 0) * PHASE_COUNT + PhaseIndex.pool] ?? 0;
    sumUs += (tree.endUs[member] ?? 0) - (tree.startUs[member] ?? 0);
  }
  const left = Math.max(0, xOf(scene, tree.startUs[node] ?? 0));
  const width = Math.max(THINNEST_PX, Math.min(scene.width, xOf(scene, tree.endUs[node] ?? 0)) - left);
  context.fillStyle = paint.fill[tree.category[node] ?? 0] ?? paint.ink3;
  context.fillRect(left, y, width, BAR_PX);
  if (poolUs < sumUs * 0.02) return;
  context.fillStyle = paint.fill[CategoryIndex.pool] ?? paint.ink3;
  context.fillRect(left, y, width, (BAR_PX * poolUs) / sumUs);
}

/** An unfolded run keeps a bracket over its calls. */
export function drawRunBracket(
  context: CanvasRenderingContext2D,
  scene: Scene,
  node: number,
  y: number,
): void {
  const left = Math.max(0, xOf(scene, scene.tree.startUs[node] ?? 0));
  const right = Math.min(scene.width, xOf(scene, scene.tree.endUs[node] ?? 0));
  context.strokeStyle = scene.paint.line2;
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(left + 0.5, y + BAR_PX);
  context.lineTo(left + 0.5, y + 4.5);
  context.lineTo(right - 0.5, y + 4.5);
  context.lineTo(right - 0.5, y + BAR_PX);
  context.stroke();
}

/** A request: a lane with what it did itself, and the network of its caller at both ends. */
export function drawLane(context: CanvasRenderingContext2D, scene: Scene, node: number, y: number): void {
  const { bars, paint, tree, width } = scene;
  const request = tree.request[node] ?? 0;
  const left = Math.max(0, xOf(scene, bars.requestStartUs[request] ?? 0));
  const right = Math.min(width, xOf(scene, bars.requestEndUs[request] ?? 0));
  if (right > left) {
    context.fillStyle = paint.surface2;
    context.fillRect(left, y, right - left, BAR_PX);
    context.strokeStyle = paint.line2;
    context.lineWidth = 1;
    context.strokeRect(left + 0.5, y + 0.5, Math.max(0, right - left - 1), BAR_PX - 1);
    drawOwn(context, scene, request, left, right, y);
    if (scene.isUnderWay) drawTorn(context, scene, bars.requestEndUs[request] ?? 0, CategoryIndex.other, y);
  }
  if ((tree.operation[node] ?? -1) >= 0) drawNetwork(context, scene, node, request, y);
}

function drawOwn(
  context: CanvasRenderingContext2D,
  scene: Scene,
  request: number,
  left: number,
  right: number,
  y: number,
): void {
  const { bars, paint } = scene;
  const first = bars.ownFrom[request] ?? 0;
  const end = bars.ownFrom[request + 1] ?? first;
  if (end - first > (right - left) / DENSE_PX)
    return drawDenseOwn(context, scene, first, end, left, right, y);
  for (let segment = first; segment < end; segment++) {
    const from = xOf(scene, bars.ownStartUs[segment] ?? 0);
    const to = from + (bars.ownLengthUs[segment] ?? 0) * scene.scale;
    if (to < 0 || from > scene.width) continue;
    context.fillStyle = paint.fill[bars.ownCategory[segment] ?? 0] ?? paint.ink3;
    fillSpan(context, scene, from, to, y, 0.8);
  }
}

/** Per pixel column, the covered share as a height. */
function drawDenseOwn(
  context: CanvasRenderingContext2D,
  scene: Scene,
  first: number,
  end: number,
  left: number,
  right: number,
  y: number,
): void {
  const columns = Math.min(scene.covered.length, Math.ceil(right - left));
  scene.covered.fill(0, 0, columns);
  scene.waited.fill(0, 0, columns);
  for (let segment = first; segment < end; segment++) {
    const from = Math.max(0, xOf(scene, scene.bars.ownStartUs[segment] ?? 0) - left);
    const to = Math.min(
      columns,
      xOf(scene, (scene.bars.ownStartUs[segment] ?? 0) + (scene.bars.ownLengthUs[segment] ?? 0)) - left,
    );
    cover(scene.covered, from, to, columns);
    if (scene.bars.ownCategory[segment] !== CategoryIndex.own) cover(scene.waited, from, to, columns);
  }
  for (let column = 0; column < columns; column++) drawColumn(context, scene, column, left, y);
}

function cover(shares: Float32Array, from: number, to: number, columns: number): void {
  for (let column = Math.floor(from); column < to && column < columns; column++)
    shares[column] = (shares[column] ?? 0) + Math.min(to, column + 1) - Math.max(from, column);
}

function drawColumn(
  context: CanvasRenderingContext2D,
  scene: Scene,
  column: number,
  left: number,
  y: number,
): void {
  const share = Math.min(1, scene.covered[column] ?? 0);
  if (share < 0.02) return;
  const isWait = (scene.waited[column] ?? 0) > share / 2;
  const height = Math.max(1, BAR_PX * share);
  context.fillStyle = scene.paint.fill[isWait ? CategoryIndex.loop : CategoryIndex.own] ?? scene.paint.ink3;
  context.fillRect(left + column, y + BAR_PX - height, 1, height);
}

/** Before the callee began: phases of the call, then the way there; after it ended: the way back. */
function drawNetwork(
  context: CanvasRenderingContext2D,
  scene: Scene,
  node: number,
  request: number,
  y: number,
): void {
  const { bars, tree, paint } = scene;
  const operation = tree.operation[node] ?? 0;
  const requestStart = bars.requestStartUs[request] ?? 0;
  let atUs = tree.startUs[node] ?? 0;
  for (const phase of PHASES_IN_TIME) {
    if (phase === PhaseIndex.wait) break;
    const us = Math.max(
      0,
      Math.min(bars.phasesUs[operation * PHASE_COUNT + phase] ?? 0, requestStart - atUs),
    );
    if (us > 0) drawPhase(context, scene, phase, CategoryIndex.http, atUs, us, y);
    atUs += us;
  }
  drawWay(context, scene, atUs, requestStart, y, paint.fill[CategoryIndex.http]);
  // The answer was there, but the process was busy: that is not the network.
  const deliverUs = bars.phasesUs[operation * PHASE_COUNT + PhaseIndex.deliver] ?? 0;
  const callEndUs = tree.endUs[node] ?? 0;
  const calleeEndUs = bars.requestEndUs[request] ?? 0;
  const arrivedUs = Math.max(calleeEndUs, callEndUs - deliverUs);
  drawWay(context, scene, calleeEndUs, arrivedUs, y, paint.fill[CategoryIndex.http]);
  drawWay(context, scene, arrivedUs, callEndUs, y, paint.fill[CategoryIndex.loop]);
}

function drawWay(
  context: CanvasRenderingContext2D,
  scene: Scene,
  fromUs: number,
  toUs: number,
  y: number,
  fill: string | CanvasPattern | undefined,
): void {
  const left = xOf(scene, fromUs);
  const right = xOf(scene, toUs);
  if (toUs <= fromUs || right < 0 || left > scene.width) return;
  context.fillStyle = fill ?? scene.paint.ink3;
  fillSpan(context, scene, left, right, y, 0.8);
}
