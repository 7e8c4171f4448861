// Draws what a chart draws as SVG. In: the calls that charts make of a canvas. Out: an SVG document. It has what our charts use, and
// nothing else: a call that is not here is a type error in the chart's test, not a gap in the picture.

/** A stripe that was made for this picture. */
class SvgPattern {
  readonly id: string;
  readonly tile: HTMLCanvasElement;
  #scale = 1;

  constructor(id: string, tile: HTMLCanvasElement) {
    this.id = id;
    this.tile = tile;
  }

  setTransform({ a }: { readonly a: number }): void {
    this.#scale = a;
  }

  get element(): string {
    const size = number(this.tile.width * this.#scale);
    const image = `<image href="${this.tile.toDataURL()}" width="${size}" height="${size}"/>`;
    return `<pattern id="${this.id}" width="${size}" height="${size}" patternUnits="userSpaceOnUse">${image}</pattern>`;
  }
}

const ANCHORS: Readonly<Record<string, string>> = { right: 'end', end: 'end', center: 'middle' };
const BASELINES: Readonly<Record<string, string>> = {
  middle: 'central',
  top: 'hanging',
  bottom: 'text-after-edge',
};

export class SvgContext {
  fillStyle: unknown = '#000';
  strokeStyle: unknown = '#000';
  globalAlpha = 1;
  lineWidth = 1;
  lineJoin = 'miter';
  font = '10px sans-serif';
  textAlign = 'start';
  textBaseline = 'alphabetic';
  readonly #shapes: string[] = [];
  readonly #patterns: SvgPattern[] = [];
  /** Measures text as the chart on the page does. */
  readonly #ruler = document.createElement('canvas').getContext('2d');
  #path = '';
  #dashes: readonly number[] = [];

  beginPath(): void {
    this.#path = '';
  }

  moveTo(x: number, y: number): void {
    this.#path += `M${number(x)} ${number(y)}`;
  }

  lineTo(x: number, y: number): void {
    this.#path += `L${number(x)} ${number(y)}`;
  }

  fill(): void {
    this.#shapes.push(`<path d="${this.#path}"${this.#filled()}/>`);
  }

  stroke(): void {
    this.#shapes.push(`<path d="${this.#path}"${this.#stroked()}/>`);
  }

  fillRect(x: number, y: number, width: number, height: number): void {
    if (width > 0 && height > 0) this.#shapes.push(`<rect${box(x, y, width, height)}${this.#filled()}/>`);
  }

  strokeRect(x: number, y: number, width: number, height: number): void {
    if (width >= 0 && height >= 0) this.#shapes.push(`<rect${box(x, y, width, height)}${this.#stroked()}/>`);
  }

  fillText(text: string, x: number, y: number): void {
    const anchor = ANCHORS[this.textAlign];
    const baseline = BASELINES[this.textBaseline];
    this.#shapes.push(
      `<text x="${number(x)}" y="${number(y)}"${fontOf(this.font)}` +
        `${anchor === undefined ? '' : ` text-anchor="${anchor}"`}` +
        `${baseline === undefined ? '' : ` dominant-baseline="${baseline}"`}${this.#filled()}>${escaped(text)}</text>`,
    );
  }

  measureText(text: string): { readonly width: number } {
    if (this.#ruler === null) return { width: 0 };
    this.#ruler.font = this.font;
    return this.#ruler.measureText(text);
  }

  setLineDash(dashes: readonly number[]): void {
    this.#dashes = dashes;
  }

  createPattern(tile: HTMLCanvasElement): SvgPattern {
    const pattern = new SvgPattern(`stripes-${this.#patterns.length}`, tile);
    this.#patterns.push(pattern);
    return pattern;
  }

  /** The picture on `ground`, `width` × `height` CSS pixels. */
  document(width: number, height: number, ground: string): string {
    const definitions = this.#patterns.map((pattern) => pattern.element).join('');
    return svgDocument(
      width,
      height,
      `<defs>${definitions}</defs><rect width="100%" height="100%" fill="${escaped(ground)}"/>${this.#shapes.join('\n')}`,
    );
  }

  #filled(): string {
    return ` fill="${paintOf(this.fillStyle)}"${this.#opacity()}`;
  }

  #stroked(): string {
    const dashes = this.#dashes.length === 0 ? '' : ` stroke-dasharray="${this.#dashes.join(' ')}"`;
    return ` fill="none" stroke="${paintOf(this.strokeStyle)}" stroke-width="${number(this.lineWidth)}"${dashes}${this.#opacity()}`;
  }

  #opacity(): string {
    return this.globalAlpha === 1 ? '' : ` opacity="${number(this.globalAlpha)}"`;
  }
}

/** `500 11px Inter, sans-serif` as attributes: pages of ours allow no inline styles. */
export function fontOf(font: string): string {
  const [, weight, size = '', family = ''] = /^(?:(\w+) )?([\d.]+px)(?:\/\S+)? (.+)$/.exec(font) ?? [];
  const heavy = weight === undefined ? '' : ` font-weight="${escaped(weight)}"`;
  return `${heavy} font-size="${escaped(size)}" font-family="${escaped(family)}"`;
}

export function svgDocument(width: number, height: number, inside: string): string {
  const size = `width="${number(width)}" height="${number(height)}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} viewBox="0 0 ${number(width)} ${number(height)}">${inside}</svg>\n`;
}

/** As text or as an attribute in double quotes: names come from programs that are watched. */
export function escaped(text: string): string {
  // Control characters are not allowed in XML at all.
  // oxlint-disable-next-line no-control-regex -- they are what is taken out
  const printable = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, '�');
  return printable.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function paintOf(style: unknown): string {
  if (style instanceof SvgPattern) return `url(#${style.id})`;
  return typeof style === 'string' ? escaped(style) : 'none';
}

function box(x: number, y: number, width: number, height: number): string {
  return ` x="${number(x)}" y="${number(y)}" width="${number(width)}" height="${number(height)}"`;
}

/** Two decimals are finer than any screen. */
function number(value: number): string {
  return String(Math.round(value * 100) / 100);
}
