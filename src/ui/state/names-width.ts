// How wide the names beside the bars of a trace are. In: a drag or keys. Out: a signal, remembered by the browser. undefined: as the page has it.

import { signal } from '@preact/signals';

const STORED = 'wiretime-names-px';
export const NARROWEST_PX = 120;
/** The bars keep this much of the window. */
const LEAST_BARS_PX = 240;

export const namesPx = signal<number | undefined>(saved());

/** undefined: back to how it was. */
export function setNamesPx(px: number | undefined, windowPx: number): void {
  const limit = Math.max(NARROWEST_PX, windowPx - LEAST_BARS_PX);
  namesPx.value = px === undefined ? undefined : Math.round(Math.max(NARROWEST_PX, Math.min(limit, px)));
  try {
    if (namesPx.value === undefined) localStorage.removeItem(STORED);
    else localStorage.setItem(STORED, String(namesPx.value));
  } catch {
    // Storage may be forbidden; then the choice lasts as long as the page.
  }
}

function saved(): number | undefined {
  try {
    const px = Number(localStorage.getItem(STORED) ?? Number.NaN);
    return Number.isFinite(px) && px >= NARROWEST_PX ? px : undefined;
  } catch {
    return undefined;
  }
}
