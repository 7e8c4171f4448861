// The whole trace in 46 px. In: a scene, the size. Out: one band per depth, drawn once into a bitmap, and the visible window
// as a frame. Not here: which pixel is which time (minimap-scale.ts).

import { CATEGORY_COUNT, CategoryIndex } from '../../model/category.ts';
import { PhaseIndex } from '../../model/row.ts';
import { PHASE_COUNT } from './bar-data.ts';
import { prepare, type Paint } from './paint.ts';
import { NodeKind } from './rows.ts';
import { minimapX, SIDE_PX } from './minimap-scale.ts';
import type { Scene } from './scene.ts';

/** Deeper calls share the last band. */
const MOST_BANDS = 5;
const TOP_PX = 6;
/** A call is never thinner, a stretch of own time never fainter: nothing disappears. */
const THINNEST_PX = 0.5;
const FAINTEST = 0.06;
const DENSE_PER_PX = 2;

export class Minimap {
  readonly #bitmap = document.createElement('canvas');
  #paint: Paint | undefined = undefined;
  #width = 0;

  draw(
    context: CanvasRenderingContext2D,
    scene: Scene,
    durationUs: number,
    height: number,
    ratio: number,
  ): void {
    const { width, paint } = scene;
    if (this.#paint !== paint || this.#width !== width) this.#redraw(scene, durationUs, height, ratio);
    context.drawImage(this.#bitmap, 0, 0, width, height);
    const left = Math.max(2, minimapX(scene.fromUs, durationUs, width));
    const right = Math.min(width - 2, minimapX(scene.fromUs + width / scene.scale, durationUs, width));
    drawFrame(context, paint, left, right, width, height);
  }

  #redraw(scene: Scene, durationUs: number, height: number, ratio: number): void {
    this.#paint = scene.paint;
    this.#width = scene.width;
    const context = prepare(this.#bitmap, scene.width, height, ratio);
    if (context === undefined) return;
    const bands = Math.min(
      MOST_BANDS,
      1 + scene.tree.depth.reduce((deepest, depth) => Math.max(deepest, depth), 0),
    );
    const band = (height - 2 * TOP_PX) / bands;
    const drawnTo = new Float64Array(bands * CATEGORY_COUNT).fill(-1);
    for (let node = 0; node < scene.tree.count; node++) {
      const level = Math.min(bands - 1, scene.tree.depth[node] ?? 0);
      const y = TOP_PX + level * band;
      if (scene.tree.kind[node] === NodeKind.request) drawRequest(context, scene, node, durationUs, y, band);
      else if (scene.tree.kind[node] === NodeKind.operation)
        drawCall(context, scene, node, durationUs, y, band, drawnTo, level);
    }
  }
}

function drawRequest(
  context: CanvasRenderingContext2D,
  scene: Scene,
  node: number,
  durationUs: number,
  y: number,
  band: number,
): void {
  const { bars, tree, paint, width } = scene;
  const request = tree.request[node] ?? 0;
  const x = (us: number) => minimapX(us, durationUs, width);
  const [start, end] = [x(tree.startUs[node] ?? 0), x(tree.endUs[node] ?? 0)];
  context.fillStyle = paint.line2;
  context.fillRect(start, y + band * 0.32, end - start, 1);
  const [first, last] = [bars.ownFrom[request] ?? 0, bars.ownFrom[request + 1] ?? 0];
  if (last - first > DENSE_PER_PX * (end - start))
    return drawDense(context, scene, first, last, durationUs, y, band);
  for (let segment = first; segment < last; segment++) {
    const from = x(bars.ownStartUs[segment] ?? 0);
    const length = ((bars.ownLengthUs[segment] ?? 0) / durationUs) * (width - 2 * SIDE_PX);
    context.fillStyle = paint.flat[bars.ownCategory[segment] ?? 0] ?? paint.ink3;
    context.globalAlpha = Math.max(FAINTEST, Math.min(1, length / 0.8));
    context.fillRect(from, y, Math.max(0.8, length), band - 1.5);
  }
  context.globalAlpha = 1;
}

/** More stretches than pixels: each column as faint as it is little covered, in the colour of what covers most of it. */
function drawDense(
  context: CanvasRenderingContext2D,
  { bars, paint, width }: Scene,
  first: number,
  last: number,
  durationUs: number,
  y: number,
  band: number,
): void {
  const columns = Math.ceil(width);
  const covered = new Float32Array(columns * CATEGORY_COUNT);
  for (let segment = first; segment < last; segment++) {
    const column = Math.floor(minimapX(bars.ownStartUs[segment] ?? 0, durationUs, width));
    const at = column * CATEGORY_COUNT + (bars.ownCategory[segment] ?? 0);
    const length = ((bars.ownLengthUs[segment] ?? 0) / durationUs) * (width - 2 * SIDE_PX);
    covered[at] = (covered[at] ?? 0) + length;
  }
  for (let column = 0; column < columns; column++) {
    const shares = covered.subarray(column * CATEGORY_COUNT, (column + 1) * CATEGORY_COUNT);
    const share = shares.reduce((sum, each) => sum + each, 0);
    if (share === 0) continue;
    context.fillStyle = paint.flat[shares.indexOf(Math.max(...shares))] ?? paint.ink3;
    context.globalAlpha = Math.max(FAINTEST, Math.min(1, share));
    context.fillRect(column, y, 1, band - 1.5);
  }
  context.globalAlpha = 1;
}

/** `drawnTo`: how far each band is drawn in each colour. What lies within that, of calls thinner than a pixel, is drawn already. */
function drawCall(
  context: CanvasRenderingContext2D,
  scene: Scene,
  node: number,
  durationUs: number,
  y: number,
  band: number,
  drawnTo: Float64Array,
  level: number,
): void {
  const { bars, tree, paint, width } = scene;
  const start = tree.startUs[node] ?? 0;
  const poolUs = bars.phasesUs[(tree.operation[node] ?? 0) * PHASE_COUNT + PhaseIndex.pool] ?? 0;
  const x = (us: number) => minimapX(us, durationUs, width);
  const draw = (category: number, from: number, to: number) => {
    const place = level * CATEGORY_COUNT + category;
    const right = Math.max(from + THINNEST_PX, to);
    if (right - from <= 2 * THINNEST_PX && right <= (drawnTo[place] ?? 0)) return;
    drawnTo[place] = Math.max(drawnTo[place] ?? 0, Math.ceil(right));
    context.fillStyle = paint.flat[category] ?? paint.ink3;
    context.fillRect(from, y, right - from, band - 1.5);
  };
  if (poolUs > 0) draw(CategoryIndex.pool, x(start), x(start + poolUs));
  draw(tree.category[node] ?? 0, x(start + poolUs), x(tree.endUs[node] ?? 0));
}

function drawFrame(
  context: CanvasRenderingContext2D,
  paint: Paint,
  left: number,
  right: number,
  width: number,
  height: number,
): void {
  context.globalAlpha = 0.62;
  context.fillStyle = paint.bg;
  context.fillRect(0, 0, Math.max(0, left), height);
  context.fillRect(right, 0, Math.max(0, width - right), height);
  context.globalAlpha = 1;
  context.strokeStyle = context.fillStyle = paint.accent;
  context.lineWidth = 1.5;
  context.strokeRect(left + 0.75, 1.75, Math.max(0, right - left - 1.5), height - 3.5);
  context.fillRect(left - 1, height / 2 - 7, 4, 14);
  context.fillRect(right - 3, height / 2 - 7, 4, 14);
}
