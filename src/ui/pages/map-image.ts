// The map as one SVG document: ribbons as they are, cards and labels as rectangles and text where the page has them. In: the map on the
// page. Out: a document that needs neither its styles nor its fonts. Loaded when it is wanted.

import { escaped, fontOf, svgDocument } from '../canvas/svg-context.ts';

/** What has a ground of its own. */
const BOXES = '.node, .link-label, .node .stack > i';

export function mapDocument(stage: HTMLElement): string {
  const { left, top, width, height } = stage.getBoundingClientRect();
  const ground = `<rect width="100%" height="100%" fill="${token('--surface')}"/>`;
  const boxes = [...stage.querySelectorAll<HTMLElement>(BOXES)].map((each) => boxOf(each, left, top));
  const texts = textNodes(stage).map((each) => textOf(each, left, top));
  return svgDocument(width, height, [ground, ribbonsOf(stage), ...boxes, ...texts].join('\n'));
}

function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Colours by name are of the page: a file has none. */
function ribbonsOf(stage: HTMLElement): string {
  const svg = stage.querySelector('svg')?.cloneNode(true);
  if (!(svg instanceof Element)) return '';
  for (const ground of svg.querySelectorAll('.ground')) ground.setAttribute('fill', token('--surface'));
  for (const ribbon of svg.querySelectorAll('.ribbon')) ribbon.setAttribute('opacity', '0.62');
  const text = new XMLSerializer().serializeToString(svg);
  return text.replace(/var\((--[\w-]+)\)/g, (_, name: string) => escaped(token(name)));
}

function boxOf(element: HTMLElement, left: number, top: number): string {
  const style = getComputedStyle(element);
  const place = element.getBoundingClientRect();
  const category = /\bk-(\w+)/.exec(element.className)?.[1];
  const fill = category === undefined ? style.backgroundColor : token(`--c-${category}`);
  const size = `x="${place.left - left}" y="${place.top - top}" width="${place.width}" height="${place.height}"`;
  const line = element.matches('.node')
    ? ` stroke="${escaped(style.borderTopColor)}" rx="${Number.parseFloat(style.borderTopLeftRadius) || 0}"`
    : '';
  const rectangle = `<rect ${size} fill="${escaped(fill)}"${line}/>`;
  if (!element.matches('.is-dependency')) return rectangle;
  const edge = `x="${place.left - left}" y="${place.top - top + 6}" width="4" height="${place.height - 12}"`;
  return `${rectangle}<rect ${edge} fill="${escaped(style.borderLeftColor)}"/>`;
}

function textNodes(stage: HTMLElement): Text[] {
  const walker = document.createTreeWalker(stage, NodeFilter.SHOW_TEXT);
  const found: Text[] = [];
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode())
    if (node instanceof Text && node.data.trim() !== '' && node.parentElement?.closest('svg') === null)
      found.push(node);
  return found;
}

/** In one line; what the page cuts is cut. */
function textOf(node: Text, left: number, top: number): string {
  const parent = node.parentElement;
  if (parent === null) return '';
  const range = document.createRange();
  range.selectNodeContents(node);
  const place = range.getBoundingClientRect();
  const style = getComputedStyle(parent);
  const middle = place.top - top + place.height / 2;
  const font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  return (
    `<text x="${place.left - left}" y="${middle}" dominant-baseline="central" fill="${escaped(style.color)}" ` +
    `xml:space="preserve"${fontOf(font)}>${escaped(shortened(node.data, place.width, parent))}</text>`
  );
}

function shortened(text: string, width: number, parent: HTMLElement): string {
  const room = parent.closest('.ellipsis')?.clientWidth ?? Infinity;
  return width <= room
    ? text
    : `${text.slice(0, Math.max(1, Math.floor((text.length * room) / width) - 1))}…`;
}
