// Everything a frame of the waterfall needs, in one object that is filled before drawing and only read while drawing.

import type { BarData } from './bar-data.ts';
import type { CriticalPath, PathLine } from './critical-path.ts';
import type { BarLabels } from './bar-labels.ts';
import type { Paint } from './paint.ts';
import type { TraceTree, VisibleRows } from './rows.ts';
import type { TypicalTimes } from './typical.ts';
import type { TimeWindow } from './view.ts';

export const ROW_PX = 26;
export const BAR_PX = 14;

/** Lengths in CSS pixels, times in µs. */
export interface Scene {
  readonly tree: TraceTree;
  readonly bars: BarData;
  readonly path: CriticalPath;
  readonly line: PathLine;
  readonly labels: BarLabels;
  /** Requests have not ended: their right end is open. */
  readonly isUnderWay: boolean;
  rows: VisibleRows;
  paint: Paint;
  fromUs: number;
  /** Pixels per µs. */
  scale: number;
  /** Distance of grid lines in µs. */
  stepUs: number;
  width: number;
  height: number;
  scrollTop: number;
  /** Node, or -1. */
  selected: number;
  criticalOnly: boolean;
  /** The stretch that is measured. */
  measured: TimeWindow | undefined;
  /** When each node has its time in the typical request, while the two are compared. */
  typical: TypicalTimes | undefined;
  /** Share of each pixel column that is covered: scratch space for dense lanes, at least `width` long. */
  covered: Float32Array;
  waited: Float32Array;
}

/** Pixels from the left edge of the bars. */
export function xOf(scene: Scene, us: number): number {
  return (us - scene.fromUs) * scene.scale;
}

/** Off the critical path fades when only the path is asked for. */
export function opacityOf(scene: Scene, node: number): number {
  return scene.criticalOnly && scene.path.isOn[node] === 0 ? 0.28 : 1;
}
