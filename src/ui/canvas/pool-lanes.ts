// Where the operations of a window are drawn: who is in line, and one lane for each connection. In: columns of operations.
// Out: places. Pure. The line is packed first-fit, so that its height is its length.

import type { PoolOperations } from '../../answer/api.ts';

/** A shorter wait is no place in a line. */
const IN_LINE_US = 500;

export interface PoolLanes {
  /** Place in the line, 0 in front, -1: it was not in line. */
  readonly place: Int32Array;
  /** Most places in use: the longest line that is seen. */
  readonly places: number;
  /** Lane of each operation. */
  readonly lane: Int32Array;
  /** Connection of each lane, in the order of their first use. */
  readonly connections: readonly number[];
}

/** `operations` are by `joined`. */
export function poolLanes({ joined, granted, connection }: PoolOperations): PoolLanes {
  const place = new Int32Array(joined.length).fill(-1);
  const lane = new Int32Array(joined.length);
  const freeFrom: number[] = [];
  const lanes = new Map<number, number>();
  for (let index = 0; index < joined.length; index++) {
    const [from, to] = [joined[index] ?? 0, granted[index] ?? 0];
    if (to - from >= IN_LINE_US) {
      const found = freeFrom.findIndex((free) => free <= from);
      const slot = found < 0 ? freeFrom.length : found;
      freeFrom[slot] = to;
      place[index] = slot;
    }
    const id = connection[index] ?? 0;
    if (!lanes.has(id)) lanes.set(id, lanes.size);
    lane[index] = lanes.get(id) ?? 0;
  }
  return { place, places: freeFrom.length, lane, connections: [...lanes.keys()] };
}

/** Lanes are 32 px, in a crowd less. Above 200 connections only so many are shown. */
export const MOST_LANES = 200;

export interface LanesGeometry {
  readonly left: number;
  readonly right: number;
  readonly lineTop: number;
  readonly lineBottom: number;
  readonly placePx: number;
  readonly lanesTop: number;
  readonly lanePx: number;
  readonly gapPx: number;
  readonly height: number;
}

const LEFT = 74;
const RIGHT = 14;
const AXIS = 22;
const LINE_PX = 118;

export function geometryOf({ places, connections }: PoolLanes, width: number): LanesGeometry {
  const count = Math.min(MOST_LANES, connections.length);
  const [lanePx, gapPx] = count > 40 ? [6, 2] : count > 12 ? [12, 3] : [32, 7];
  const lineTop = 4;
  const lineBottom = places === 0 ? lineTop : lineTop + LINE_PX;
  const lanesTop = lineBottom + (places === 0 ? 4 : 20);
  return {
    left: LEFT,
    right: width - RIGHT,
    lineTop,
    lineBottom,
    placePx: Math.min(16, LINE_PX / Math.max(1, places)),
    lanesTop,
    lanePx,
    gapPx,
    height: lanesTop + count * (lanePx + gapPx) + AXIS,
  };
}

/** The operation at a point of the lanes or the line, -1: none. `fromUs` and `toUs` are the ends of the window in the operations' clock. */
export function operationAt(
  operations: PoolOperations,
  lanes: PoolLanes,
  geometry: LanesGeometry,
  lengthUs: number,
  x: number,
  y: number,
): number {
  const us = ((x - geometry.left) / (geometry.right - geometry.left)) * lengthUs;
  const tolerance = (2 / (geometry.right - geometry.left)) * lengthUs;
  const isLine = y < geometry.lineBottom;
  const place = Math.floor((geometry.lineBottom - y) / geometry.placePx);
  const lane = Math.floor((y - geometry.lanesTop) / (geometry.lanePx + geometry.gapPx));
  for (let index = operations.joined.length - 1; index >= 0; index--) {
    const [from, to] = isLine
      ? [operations.joined[index] ?? 0, operations.granted[index] ?? 0]
      : [operations.granted[index] ?? 0, operations.done[index] ?? 0];
    const isThere = isLine ? lanes.place[index] === place : lanes.lane[index] === lane;
    if (isThere && us >= from - tolerance && us <= to + tolerance) return index;
  }
  return -1;
}
