// What can be taken along from a page: its answer and tables as Markdown, a chart as an image. In: what is on the screen. Out: the clipboard,
// or a file. Nothing is sent anywhere.

import { drawingOf } from '../canvas/drawings.ts';
import { flushReplace } from './address.ts';
import { plainText, tableMarkdown } from './page-markdown.ts';
import { copy, say } from './toast.ts';

export function copyPage(): Promise<void> {
  flushReplace();
  const main = document.getElementById('main');
  return copy(main === null ? '' : pageMarkdown(main), 'Copied as Markdown');
}

/** The answer, what stands under it, and every table that can be seen, with its title. */
function pageMarkdown(main: HTMLElement): string {
  const title = textOf(main.querySelector('h1'));
  const second = [...main.querySelectorAll<HTMLElement>('.second, .answer:not(h1)')]
    .filter(isSeen)
    .map(textOf);
  const tables = [...main.querySelectorAll<HTMLTableElement>('table')].filter(isSeen).map(tableWithTitle);
  return [`## ${title}`, ...second, ...tables, location.href].join('\n\n');
}

function tableWithTitle(table: HTMLTableElement): string {
  const title = textOf(table.closest('section, aside')?.querySelector('h2, h3') ?? null);
  const rows = [...table.rows].filter((row) => !row.classList.contains('room'));
  const texts = rows.map((row) => [...row.cells].map(textOf));
  const text = tableMarkdown(texts);
  return title === '' ? text : `### ${title}\n\n${text}`;
}

/** Without what only screen readers hear; a bar says its parts. */
function textOf(element: Element | null): string {
  if (element === null) return '';
  const copied = element.cloneNode(true);
  if (!(copied instanceof Element)) return '';
  for (const hidden of copied.querySelectorAll('.visually-hidden')) hidden.remove();
  for (const bar of copied.querySelectorAll('[role=img]')) bar.textContent = bar.getAttribute('aria-label');
  return plainText(copied.textContent ?? '');
}

function isSeen(element: HTMLElement): boolean {
  return element.offsetParent !== null;
}

/** Saves the chart in `within`, or the first one of the page; SVG can be edited and enlarged. */
export async function saveChart(
  format: 'png' | 'svg',
  within: ParentNode | null = document.getElementById('main'),
): Promise<void> {
  const charts = [...(within?.querySelectorAll('canvas, .map-stage') ?? [])];
  const chart = charts.find((each) => each.getBoundingClientRect().height >= SMALLEST_PX);
  const drawing = chart && drawingOf(chart);
  if (drawing === undefined) return say('There is no chart here to save');
  if (format === 'png' && chart instanceof HTMLCanvasElement) return savePng(chart);
  const { pngOf, svgOf } = await import('./share-svg.ts');
  const svg = await svgOf(drawing);
  if (format === 'svg') save(new Blob([svg], { type: 'image/svg+xml' }), 'svg');
  else save(await pngOf(svg), 'png');
}

/** Strips and rulers are parts of something larger. */
const SMALLEST_PX = 60;

function savePng(canvas: HTMLCanvasElement): void {
  const copied = document.createElement('canvas');
  copied.width = canvas.width;
  copied.height = canvas.height;
  const context = copied.getContext('2d');
  if (context === null) return;
  // Canvases are transparent; the page behind them is not.
  context.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--surface');
  context.fillRect(0, 0, copied.width, copied.height);
  context.drawImage(canvas, 0, 0);
  copied.toBlob((blob) => save(blob, 'png'), 'image/png');
}

function save(blob: Blob | null, ending: string): void {
  if (blob === null) return say('The chart could not be made an image');
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = `${fileName()}.${ending}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  say(`Saved ${link.download}`);
}

/** `wiretime-api-cart-id` */
function fileName(): string {
  const words = location.pathname.split(/[^A-Za-z0-9]+/).filter(Boolean);
  return ['wiretime', ...words].join('-').slice(0, 80);
}
