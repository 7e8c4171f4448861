// The time axis above the bars. In: a scene. Out: ticks and their labels.

import { formatDuration } from '../../base/numbers.ts';
import type { Scene } from './scene.ts';
import { xOf } from './scene.ts';
import { tickLabel } from './view.ts';

/** A label that would not fit whole is left out. */
const LABEL_PX = 48;

export function drawRuler(context: CanvasRenderingContext2D, scene: Scene, height: number): void {
  const { fromUs, stepUs, width, scale, paint } = scene;
  const toUs = fromUs + width / scale;
  context.font = paint.fontSmall;
  context.textBaseline = 'middle';
  for (let us = Math.ceil(fromUs / stepUs) * stepUs; us < toUs; us += stepUs) {
    const x = xOf(scene, us);
    context.fillStyle = paint.line2;
    context.fillRect(Math.round(x), height - 6, 1, 6);
    context.fillStyle = paint.ink2;
    if (x + LABEL_PX < width) context.fillText(tickLabel(us, stepUs), x + 5, height / 2);
  }
  if (scene.measured !== undefined)
    drawMeasured(context, scene, scene.measured.from, scene.measured.to, height);
}

/** How long it is, in the middle of it, or beside it when there is no room. */
function drawMeasured(
  context: CanvasRenderingContext2D,
  scene: Scene,
  fromUs: number,
  toUs: number,
  height: number,
): void {
  const { paint, width } = scene;
  const [left, right] = [Math.max(0, xOf(scene, fromUs)), Math.min(width, xOf(scene, toUs))];
  const text = formatDuration(Math.round(toUs - fromUs));
  const room = context.measureText(text).width + 10;
  const at =
    right - left > room ? (left + right - room) / 2 : right + room < width ? right + 2 : left - room - 2;
  context.fillStyle = paint.accentSoft;
  context.fillRect(left, 0, Math.max(1, right - left), height);
  context.fillStyle = paint.accent;
  context.fillRect(at, 2, room, height - 5);
  context.fillStyle = paint.onAccent;
  context.fillText(text, at + 5, height / 2);
}
