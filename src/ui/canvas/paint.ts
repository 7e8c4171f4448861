// Colours and stripes of the current theme for canvases. Made once per theme and pixel ratio, then only read.

import { CATEGORIES } from '../../model/category.ts';

type Fill = string | CanvasPattern;

export interface Paint {
  /** By category index. */
  readonly fill: readonly Fill[];
  readonly strong: readonly string[];
  readonly flat: readonly string[];
  readonly bg: string;
  readonly surface: string;
  readonly surface2: string;
  readonly line: string;
  readonly line2: string;
  readonly ink: string;
  readonly ink2: string;
  readonly ink3: string;
  readonly accent: string;
  readonly accentSoft: string;
  readonly accent2: string;
  readonly onAccent: string;
  readonly bad: string;
  /** From an empty cell of a heatmap to a full one. */
  readonly heat: readonly string[];
  readonly font: string;
  readonly fontSmall: string;
}

const STRIPE_PX = 6;
const UPRIGHT_PX = 4;

export function createPaint(context: CanvasRenderingContext2D, ratio: number): Paint {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const family = token('font-ui');
  const flat = CATEGORIES.map(({ key }) => token(`c-${key}`));
  return {
    fill: CATEGORIES.map(({ key }, index) => {
      const colour = flat[index] ?? '';
      const mix = key === 'conn' ? 0.55 : Number.parseFloat(token('hatch-mix')) / 100;
      if (key !== 'loop' && key !== 'pool' && key !== 'conn') return colour;
      return stripes(context, ratio, key, colour, blend(colour, hexOf(context, token('surface')), mix));
    }),
    strong: CATEGORIES.map(({ key }) => token(`c-${key}-2`)),
    flat,
    bg: token('bg'),
    surface: token('surface'),
    surface2: token('surface-2'),
    line: token('line'),
    line2: token('line-2'),
    ink: token('ink'),
    ink2: token('ink-2'),
    ink3: token('ink-3'),
    accent: token('accent'),
    accentSoft: token('accent-soft'),
    accent2: token('accent-2'),
    onAccent: token('on-accent'),
    bad: token('bad'),
    heat: [0, 1, 2, 3, 4, 5].map((step) => token(`heat-${step}`)),
    font: `11.5px ${family}`,
    fontSmall: `11px ${family}`,
  };
}

type Direction = 'loop' | 'pool' | 'conn';

/** Loop rises, pool falls, connecting stands upright: waiting is told from work without colour. */
function stripes(
  target: CanvasRenderingContext2D,
  ratio: number,
  direction: Direction,
  front: string,
  back: string,
): Fill {
  const size = direction === 'conn' ? UPRIGHT_PX : STRIPE_PX;
  const tile = document.createElement('canvas');
  tile.width = tile.height = Math.max(1, Math.round(size * ratio));
  const context = tile.getContext('2d');
  if (context === null) return front;
  context.scale(tile.width / size, tile.height / size);
  context.fillStyle = back;
  context.fillRect(0, 0, size, size);
  context.fillStyle = context.strokeStyle = front;
  if (direction === 'conn') context.fillRect(0, 0, size / 2, size);
  else diagonals(context, size, direction === 'pool');
  const pattern = target.createPattern(tile, 'repeat');
  pattern?.setTransform(new DOMMatrix().scale(size / tile.width));
  return pattern ?? front;
}

function diagonals(context: CanvasRenderingContext2D, size: number, isFalling: boolean): void {
  context.lineWidth = 2.1;
  for (const shift of [-size, 0, size]) {
    context.beginPath();
    context.moveTo(shift - 1, isFalling ? -1 : size + 1);
    context.lineTo(shift + size + 1, isFalling ? size + 1 : -1);
    context.stroke();
  }
}

/** A named colour (of forced colours: `Canvas`) as hex: canvases give back what they were given in one form. */
function hexOf(context: CanvasRenderingContext2D, colour: string): string {
  context.fillStyle = colour;
  return typeof context.fillStyle === 'string' ? context.fillStyle : colour;
}

function blend(colour: string, other: string, share: number): string {
  const parts = (hex: string) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
  const others = parts(other);
  const mixed = parts(colour).map((value, index) =>
    Math.round(value * share + (others[index] ?? 0) * (1 - share)),
  );
  return `rgb(${mixed.join(' ')})`;
}

/** Makes the bitmap as large as the element, and clears it. Returns nothing to draw on while it has no size. */
export function prepare(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
  ratio: number,
): CanvasRenderingContext2D | undefined {
  const context = canvas.getContext('2d');
  if (context === null || width <= 0 || height <= 0) return undefined;
  const [bitmapWidth, bitmapHeight] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== bitmapWidth || canvas.height !== bitmapHeight) {
    canvas.width = bitmapWidth;
    canvas.height = bitmapHeight;
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}
