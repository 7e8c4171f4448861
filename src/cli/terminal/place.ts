// Lines of code in narrow columns. In: `file:line[:column]`. Out: as many folders as fit; of a name that is too long its end, since the line
// number is what it is for.

import { safe, widthOf } from './text.ts';

const ELLIPSIS = '…';
/** More of a path nobody reads in a table. */
const MOST_PARTS = 4;

export function fittingPlace(callSite: string, width: number): string {
  const [, place = callSite] = /^(.*:\d+):\d+$/.exec(callSite) ?? [];
  const parts = safe(place).split(/[/\\]/).slice(-MOST_PARTS);
  for (let from = 0; from < parts.length; from++) {
    const shown = parts.slice(from).join('/');
    if (shown.length <= width * 2 && widthOf(shown) <= width) return shown;
  }
  return endOf(parts.at(-1) ?? '', width);
}

function endOf(name: string, width: number): string {
  let end = Array.from(name.slice(-width));
  while (end.length > 0 && widthOf(end.join('')) >= width) end = end.slice(1);
  return width > 0 ? `${ELLIPSIS}${end.join('')}` : '';
}
