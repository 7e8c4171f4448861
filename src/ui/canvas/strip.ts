// One request as a strip: its calls in order, each a little lower than the one before, so that a loop is a staircase and parallel calls are
// a wall. In: operations by start. Out: pixels. Not here: which operations (finding-evidence.tsx).

import type { TraceOperation } from '../../answer/api.ts';
import { categoryIndexOf, isEdgePhase, phaseCategory, PHASES_IN_TIME } from './bar-data.ts';
import type { Paint } from './paint.ts';

export interface StripScene {
  readonly operations: readonly TraceOperation[];
  /** Those that the finding is about; the others are faint. */
  readonly isMeant: (operation: TraceOperation) => boolean;
}

const TALLEST_PX = 10;
const THINNEST_PX = 1.4;
/** A phase is never thinner, so that none disappears. */
const NARROWEST_PX = 0.5;

/** From the first start to the last end, in µs. */
export function stripSpan(operations: readonly TraceOperation[]): {
  readonly fromUs: number;
  readonly toUs: number;
} {
  let fromUs = Infinity;
  let toUs = -Infinity;
  for (const { startUs, durationUs } of operations) {
    fromUs = Math.min(fromUs, startUs);
    toUs = Math.max(toUs, startUs + durationUs);
  }
  return { fromUs, toUs };
}

export function drawStrip(
  context: CanvasRenderingContext2D,
  paint: Paint,
  width: number,
  height: number,
  { operations, isMeant }: StripScene,
): void {
  const { fromUs, toUs } = stripSpan(operations);
  const scale = width / Math.max(1, toUs - fromUs);
  const step = Math.min(TALLEST_PX + 2, height / Math.max(1, operations.length));
  const bar = Math.max(THINNEST_PX, Math.min(TALLEST_PX, step - 0.4));
  operations.forEach((operation, index) => {
    context.globalAlpha = isMeant(operation) ? 1 : 0.35;
    drawPhases(context, paint, operation, (operation.startUs - fromUs) * scale, scale, index * step, bar);
  });
  context.globalAlpha = 1;
}

function drawPhases(
  context: CanvasRenderingContext2D,
  paint: Paint,
  operation: TraceOperation,
  left: number,
  scale: number,
  y: number,
  bar: number,
): void {
  const category = categoryIndexOf(operation);
  let x = left;
  for (const phase of PHASES_IN_TIME) {
    const us = operation.phases[phase] ?? 0;
    if (us === 0) continue;
    const colour = phaseCategory(phase, category);
    context.fillStyle =
      (isEdgePhase(phase, category) ? paint.strong[colour] : paint.fill[colour]) ?? paint.ink3;
    context.fillRect(x, y, Math.max(NARROWEST_PX, us * scale), bar);
    x += us * scale;
  }
}
