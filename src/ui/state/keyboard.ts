// Keys. In: key presses anywhere. Out: the action that the page or the shell has for it. Not here: what the actions do.

import { useEffect } from 'preact/hooks';
import { hasModifier } from './address.ts';

export type KeyActions = Readonly<Record<string, (event: KeyboardEvent) => void>>;

/** An open dialog comes before the page, the page before a panel of it, that before the shell. */
const LEVELS = ['dialog', 'page', 'panel', 'shell'] as const;
type Level = (typeof LEVELS)[number];
const layers = new Map<Level, KeyActions>();

/** A second key within this time makes a pair like `g t`. */
const PAIR_MS = 900;
let pairStart = -Infinity;

/** Actions by `event.key` (`'g t'` for pairs) while the component is there; `'*'` takes all other keys. */
export function useKeys(actions: KeyActions, level: Level = 'page'): void {
  useEffect(() => {
    layers.set(level, actions);
    return () => {
      if (layers.get(level) === actions) layers.delete(level);
    };
  });
}

export function followKeys(): void {
  addEventListener('keydown', (event) => {
    if (hasModifier(event) || isTyping(event.target) || isPress(event)) return;
    const key = pairedKey(event);
    for (const level of LEVELS) {
      // A dialog that has just closed may not have taken its keys away yet.
      if (level === 'dialog' && document.querySelector('[role=dialog]') === null) continue;
      const action = layers.get(level)?.[key] ?? layers.get(level)?.['*'];
      if (action === undefined) continue;
      event.preventDefault();
      action(event);
      return;
    }
  });
}

function pairedKey(event: KeyboardEvent): string {
  const isPair = event.timeStamp - pairStart < PAIR_MS;
  pairStart = event.key === 'g' && !isPair ? event.timeStamp : -Infinity;
  return isPair ? `g ${event.key}` : event.key;
}

/** Enter and space on a link or button are for it alone. */
function isPress({ key, target }: KeyboardEvent): boolean {
  return (
    (key === 'Enter' || key === ' ') && target instanceof Element && target.closest('a, button') !== null
  );
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input:not([type=checkbox]), textarea, select') !== null;
}

/** j and k in lists: moves the focus from row to row of the page. A row is a link, or what its first link leads to. */
export function moveFocus(step: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-row]')]
    .flatMap((row) => (row.matches('a') ? row : (row.querySelector<HTMLElement>('a[href]') ?? [])))
    .filter((row) => row.offsetParent !== null);
  const active = document.activeElement;
  const at = rows.findIndex((row) => row === active || row.closest('[data-row]')?.contains(active));
  const next = rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + step))];
  next?.focus({ focusVisible: true } as FocusOptions);
  next?.scrollIntoView({ block: 'nearest' });
}
