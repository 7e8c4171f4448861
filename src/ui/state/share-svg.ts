// A chart as an SVG document, and such a document as a PNG. In: how the chart is drawn. Out: text, or an image. Loaded when it is wanted.

import type { Drawing } from '../canvas/drawings.ts';
import { createPaint } from '../canvas/paint.ts';
import { SvgContext } from '../canvas/svg-context.ts';

/** Pixels of a stripe's tile for each of its own: sharp when it is enlarged. */
const TILE_RATIO = 4;
const PNG_RATIO = 2;

export async function svgOf(drawing: Drawing): Promise<string> {
  if (drawing.kind === 'svg') return drawing.document();
  const svg = new SvgContext();
  // It has all that charts use of a canvas.
  const context = svg as unknown as CanvasRenderingContext2D;
  const { width, height, draw } = drawing;
  draw(context, createPaint(context, TILE_RATIO), width, height);
  return svg.document(
    width,
    height,
    getComputedStyle(document.documentElement).getPropertyValue('--surface'),
  );
}

/** null: the browser could not draw it. */
export async function pngOf(svg: string): Promise<Blob | null> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = image.width * PNG_RATIO;
  canvas.height = image.height * PNG_RATIO;
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
}
