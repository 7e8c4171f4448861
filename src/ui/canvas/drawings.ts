// What is drawn where, so that it can be drawn again as a file. In: an element of the page and how it is drawn. Out: the same, when it
// is asked for.

import type { Draw } from './chart.tsx';

export type Drawing =
  | { readonly kind: 'canvas'; readonly width: number; readonly height: number; readonly draw: Draw }
  | { readonly kind: 'svg'; readonly document: () => Promise<string> };

const drawings = new WeakMap<Element, () => Drawing>();

export function keepDrawing(element: Element, drawing: () => Drawing): void {
  drawings.set(element, drawing);
}

export function drawingOf(element: Element): Drawing | undefined {
  return drawings.get(element)?.();
}
