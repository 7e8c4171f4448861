// The time axis above the bars. In: a scene. Out: ticks and their labels.

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
}
