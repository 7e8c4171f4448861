// Draws a pool: the overview of a range, and the line and lanes of a window. In: places (pool-lanes.ts). Not here: the pointer.
// Colour and letter stand for the endpoint that caused a call: a second, pastel palette, which is no category's.

import type { PoolAnswer, PoolClosing, PoolIdle, PoolOperations } from '../../answer/api.ts';
import { clock } from '../state/range.ts';
import type { Paint } from './paint.ts';
import { geometryOf, MOST_LANES, type LanesGeometry, type PoolLanes } from './pool-lanes.ts';
import { tickLabel, tickStep } from './view.ts';

export const LETTERS = ['A', 'B', 'C', 'D'] as const;

/** Of the theme: A to D, then all others. */
export interface UserPaint {
  readonly fill: readonly string[];
  readonly tick: readonly string[];
  readonly ink: string;
}

export function userPaint(): UserPaint {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string) => style.getPropertyValue(`--e-${name}`).trim();
  const names = ['a', 'b', 'c', 'd', 'e'];
  return { fill: names.map(token), tick: names.map((name) => token(`${name}-2`)), ink: token('on') };
}

export interface LanesScene {
  readonly operations: PoolOperations;
  readonly lanes: PoolLanes;
  readonly lengthUs: number;
  readonly idle: readonly PoolIdle[];
  readonly closed: readonly PoolClosing[];
  /** Index of the letter of each user of the operations; 4: the others. */
  readonly letterOf: readonly number[];
  readonly selected: number;
}

const OTHERS = 4;
/** A letter needs this much room. */
const LETTER_PX = 13;

export function drawLanes(
  context: CanvasRenderingContext2D,
  paint: Paint,
  width: number,
  height: number,
  scene: LanesScene,
): void {
  const geometry = geometryOf(scene.lanes, width);
  const users = userPaint();
  context.textBaseline = 'middle';
  drawAxis(context, paint, geometry, scene, height);
  drawLaneNames(context, paint, geometry, scene.lanes);
  if (scene.lanes.places > 0) drawLine(context, paint, geometry, users, scene);
  drawIdle(context, geometry, users, scene);
  drawOperations(context, paint, geometry, users, scene);
  drawClosed(context, paint, geometry, scene);
}

function xOf(geometry: LanesGeometry, lengthUs: number, us: number): number {
  const x = geometry.left + (us / lengthUs) * (geometry.right - geometry.left);
  return Math.max(geometry.left, Math.min(geometry.right, x));
}

function drawAxis(
  context: CanvasRenderingContext2D,
  paint: Paint,
  geometry: LanesGeometry,
  { operations, lengthUs }: LanesScene,
  height: number,
): void {
  const step = tickStep({ from: 0, to: lengthUs }, geometry.right - geometry.left);
  context.font = paint.fontSmall;
  context.textAlign = 'left';
  for (let us = 0; us < lengthUs; us += step) {
    const x = xOf(geometry, lengthUs, us);
    context.fillStyle = paint.line;
    context.fillRect(Math.round(x), 0, 1, height - 20);
    context.fillStyle = paint.ink3;
    const label = step >= 1e6 ? clock((operations.originUs + us) / 1000) : `+${tickLabel(us, step)}`;
    if (x + 60 < geometry.right) context.fillText(label, x + 4, height - 10);
  }
}

function drawLaneNames(
  context: CanvasRenderingContext2D,
  paint: Paint,
  geometry: LanesGeometry,
  { connections }: PoolLanes,
): void {
  const pitch = geometry.lanePx + geometry.gapPx;
  const every = Math.ceil(15 / pitch);
  connections.slice(0, MOST_LANES).forEach((connection, lane) => {
    const y = geometry.lanesTop + lane * pitch;
    context.fillStyle = paint.surface2;
    context.fillRect(geometry.left, y, geometry.right - geometry.left, geometry.lanePx);
    if (lane % every !== 0) return;
    context.fillStyle = paint.ink2;
    context.textAlign = 'right';
    context.fillText(`#${connection}`, geometry.left - 12, y + geometry.lanePx / 2);
  });
}

/** Everyone who waits, striped: from joining the line to getting a connection. */
function drawLine(
  context: CanvasRenderingContext2D,
  paint: Paint,
  geometry: LanesGeometry,
  users: UserPaint,
  scene: LanesScene,
): void {
  const { operations, lanes, lengthUs, letterOf, selected } = scene;
  const { lineBottom, placePx, left, right } = geometry;
  context.textAlign = 'right';
  context.fillStyle = paint.ink2;
  context.fillText('In line', left - 12, lineBottom - 8);
  context.fillStyle = paint.ink3;
  if (lanes.places >= 4)
    context.fillText(String(lanes.places), left - 12, lineBottom - lanes.places * placePx + 6);
  for (let index = 0; index < operations.joined.length; index++) {
    const place = lanes.place[index] ?? -1;
    if (place < 0) continue;
    const from = xOf(geometry, lengthUs, operations.joined[index] ?? 0);
    const to = xOf(geometry, lengthUs, operations.granted[index] ?? 0);
    if (to <= left || from >= right) continue;
    const y = lineBottom - (place + 1) * placePx;
    const letter = letterOf[operations.user[index] ?? -1] ?? OTHERS;
    const thick = Math.max(1, placePx - 1);
    context.fillStyle = users.fill[letter] ?? '';
    context.globalAlpha = 0.45;
    context.fillRect(from, y, Math.max(1, to - from), thick);
    context.globalAlpha = 1;
    stripe(context, from, y, Math.max(1, to - from), thick, users.fill[letter] ?? '');
    context.fillStyle = users.tick[letter] ?? '';
    context.fillRect(from, y, 1.5, thick);
    if (index === selected) outline(context, paint, from, y, to - from, thick);
  }
  context.fillStyle = paint.line2;
  context.fillRect(left, lineBottom, right - left, 1);
}

/** Upright bars, 3 of 6 px: waiting is striped everywhere. */
function stripe(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  width: number,
  height: number,
  colour: string,
): void {
  context.fillStyle = colour;
  for (let at = x - (x % 6) + 6; at < x + width; at += 6)
    context.fillRect(at, y, Math.min(3, x + width - at), height);
}

function outline(
  context: CanvasRenderingContext2D,
  paint: Paint,
  x: number,
  y: number,
  width: number,
  height: number,
): void {
  context.strokeStyle = paint.accent;
  context.lineWidth = 2;
  context.strokeRect(x, y, Math.max(3, width), height);
}

/** Held with nothing under way: outlined and striped, so that it is not taken for work. */
function drawIdle(
  context: CanvasRenderingContext2D,
  geometry: LanesGeometry,
  users: UserPaint,
  { idle, lanes, lengthUs, letterOf }: LanesScene,
): void {
  const { lanePx, gapPx, lanesTop, left, right } = geometry;
  const laneOf = new Map(lanes.connections.map((connection, lane) => [connection, lane]));
  for (const { connection, fromUs, toUs, user } of idle) {
    const lane = laneOf.get(connection) ?? MOST_LANES;
    const from = xOf(geometry, lengthUs, fromUs);
    const to = xOf(geometry, lengthUs, toUs);
    if (lane >= MOST_LANES || to <= left || from >= right) continue;
    const y = lanesTop + lane * (lanePx + gapPx);
    const letter = letterOf[user] ?? OTHERS;
    stripe(context, from, y, Math.max(1, to - from), lanePx, users.fill[letter] ?? '');
    context.strokeStyle = users.tick[letter] ?? '';
    context.lineWidth = 1;
    if (to - from > 2) context.strokeRect(from + 0.5, y + 0.5, to - from - 1, lanePx - 1);
  }
}

const CONNECT = 3;

function drawOperations(
  context: CanvasRenderingContext2D,
  paint: Paint,
  geometry: LanesGeometry,
  users: UserPaint,
  scene: LanesScene,
): void {
  const { operations, lanes, lengthUs, letterOf, selected } = scene;
  const { lanePx, gapPx, lanesTop, left, right } = geometry;
  context.textAlign = 'center';
  for (let index = 0; index < operations.joined.length; index++) {
    const lane = lanes.lane[index] ?? 0;
    if (lane >= MOST_LANES) continue;
    const granted = xOf(geometry, lengthUs, operations.granted[index] ?? 0);
    const ready = xOf(geometry, lengthUs, operations.ready[index] ?? 0);
    const done = xOf(geometry, lengthUs, operations.done[index] ?? 0);
    if (done <= left || granted >= right) continue;
    const y = lanesTop + lane * (lanePx + gapPx);
    const letter = letterOf[operations.user[index] ?? -1] ?? OTHERS;
    if (operations.isNew[index] === 1) {
      context.fillStyle = paint.fill[CONNECT] ?? '';
      context.fillRect(granted, y, Math.max(2, ready - granted), lanePx);
      triangle(context, paint, granted, y + lanePx / 2, lanePx);
    }
    context.fillStyle = users.fill[letter] ?? '';
    context.fillRect(ready, y, Math.max(1, done - ready - 1), lanePx);
    if (done - ready > 3) {
      context.fillStyle = users.tick[letter] ?? '';
      context.fillRect(ready, y, 1.5, lanePx);
    }
    if (done - ready > LETTER_PX && lanePx >= 12 && letter < OTHERS) {
      context.fillStyle = users.ink;
      context.fillText(LETTERS[letter] ?? '', (ready + done) / 2, y + lanePx / 2 + 0.5);
    }
    if (index === selected) outline(context, paint, granted, y, done - granted, lanePx);
  }
}

/** ▲ at the start of a new connection. */
function triangle(
  context: CanvasRenderingContext2D,
  paint: Paint,
  x: number,
  middle: number,
  lanePx: number,
): void {
  const half = Math.min(4, lanePx / 2);
  context.fillStyle = paint.flat[CONNECT] ?? '';
  context.beginPath();
  context.moveTo(x - half - 1, middle - half);
  context.lineTo(x - 1, middle + half);
  context.lineTo(x - 2 * half - 1, middle + half);
  context.fill();
}

/** ✕ where a connection was closed. */
function drawClosed(
  context: CanvasRenderingContext2D,
  paint: Paint,
  geometry: LanesGeometry,
  { closed, lanes, lengthUs }: LanesScene,
): void {
  const { lanePx, gapPx, lanesTop } = geometry;
  const laneOf = new Map(lanes.connections.map((connection, lane) => [connection, lane]));
  const half = Math.max(2, Math.min(4, lanePx / 2 - 1));
  context.strokeStyle = paint.ink2;
  context.lineWidth = 1.6;
  for (const { connection, atUs } of closed) {
    const lane = laneOf.get(connection) ?? MOST_LANES;
    if (lane >= MOST_LANES) continue;
    const x = xOf(geometry, lengthUs, atUs) + half + 1;
    const middle = lanesTop + lane * (lanePx + gapPx) + lanePx / 2;
    context.beginPath();
    context.moveTo(x - half, middle - half);
    context.lineTo(x + half, middle + half);
    context.moveTo(x - half, middle + half);
    context.lineTo(x + half, middle - half);
    context.stroke();
  }
}

/** A frame is never narrower, so that it can be seen and taken. */
const NARROWEST_FRAME_PX = 5;
const OVERVIEW_LEFT = 74;
const POOL = 2;

/** The longest line above, calls under way below; the visible window as a frame. */
export function drawPoolOverview(
  context: CanvasRenderingContext2D,
  paint: Paint,
  width: number,
  height: number,
  answer: Pick<PoolAnswer, 'window' | 'longestLine' | 'meanBusy'>,
  visible: PoolAnswer['first'],
): void {
  const right = width - 14;
  const slot = (right - OVERVIEW_LEFT) / (answer.longestLine.length || 1);
  const row = (height - 24) / 2;
  context.font = paint.fontSmall;
  context.textBaseline = 'middle';
  for (const [values, colour, name, bottom] of [
    [answer.longestLine, paint.flat[POOL] ?? '', 'in line', row],
    [answer.meanBusy, paint.line2, 'under way', 2 * row + 2],
  ] as const) {
    const most = Math.max(1e-9, ...values);
    context.fillStyle = paint.ink3;
    context.textAlign = 'right';
    context.fillText(name, OVERVIEW_LEFT - 10, bottom - row / 2);
    context.fillStyle = colour;
    values.forEach((value, index) => {
      const tall = value === 0 ? 0 : Math.max(1, (value / most) * (row - 4));
      context.fillRect(OVERVIEW_LEFT + index * slot, bottom - tall, Math.max(0.6, slot - 0.6), tall);
    });
  }
  drawOverviewAxis(context, paint, answer.window, right, height);
  const x = (us: number) => overviewX(answer.window, width, us);
  const [from, wide] = [x(visible.fromUs), Math.max(NARROWEST_FRAME_PX, x(visible.toUs) - x(visible.fromUs))];
  context.strokeStyle = context.fillStyle = paint.accent;
  context.lineWidth = 2;
  context.strokeRect(from, 1, wide, 2 * row + 2);
  if (wide < 24) return;
  for (const edge of [from, from + wide]) context.fillRect(edge - 2, row - 5, 4, 14);
}

function drawOverviewAxis(
  context: CanvasRenderingContext2D,
  paint: Paint,
  { from, to }: PoolAnswer['window'],
  right: number,
  height: number,
): void {
  const count = Math.max(2, Math.min(6, Math.floor((right - OVERVIEW_LEFT) / 110)));
  context.fillStyle = paint.ink3;
  for (let nth = 0; nth < count; nth++) {
    const share = nth / (count - 1);
    context.textAlign = nth === 0 ? 'left' : nth === count - 1 ? 'right' : 'center';
    context.fillText(
      clock(from + share * (to - from)),
      OVERVIEW_LEFT + share * (right - OVERVIEW_LEFT),
      height - 8,
    );
  }
}

/** Pixels from the left of the overview. */
export function overviewX({ from, to }: PoolAnswer['window'], width: number, us: number): number {
  const share = (us / 1000 - from) / Math.max(1, to - from);
  return OVERVIEW_LEFT + Math.max(0, Math.min(1, share)) * (width - 14 - OVERVIEW_LEFT);
}

/** µs since 1970 at a place of the overview. */
export function overviewTime({ from, to }: PoolAnswer['window'], width: number, x: number): number {
  const share = (x - OVERVIEW_LEFT) / Math.max(1, width - 14 - OVERVIEW_LEFT);
  return (from + Math.max(0, Math.min(1, share)) * (to - from)) * 1000;
}
