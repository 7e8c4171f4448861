// A few words that go away by themselves, and the clipboard. In: text. Out: a signal that the shell shows.

import { signal } from '@preact/signals';

export const toast = signal('');

const TOAST_MS = 2000;

export function say(text: string): void {
  toast.value = text;
  setTimeout(() => {
    if (toast.value === text) toast.value = '';
  }, TOAST_MS);
}

/** Copies `text` and says so; where the clipboard is forbidden, says that. */
export async function copy(text: string, done: string): Promise<void> {
  const isCopied = await navigator.clipboard.writeText(text).then(
    () => true,
    () => false,
  );
  say(isCopied ? done : 'This browser does not allow to copy');
}
