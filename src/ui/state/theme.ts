// The theme in use. theme.ts chose it before the first paint; here it is switched and remembered.

import { signal } from '@preact/signals';
import { query, setParameters } from './address.ts';

export type Theme = 'light' | 'dark';

export const theme = signal<Theme>(document.documentElement.dataset['theme'] === 'dark' ? 'dark' : 'light');

export function switchTheme(): void {
  const next: Theme = theme.value === 'dark' ? 'light' : 'dark';
  document.documentElement.dataset['theme'] = next;
  theme.value = next;
  if (query.value.has('theme')) setParameters({ theme: next });
  try {
    localStorage.setItem('wiretime-theme', next);
  } catch {
    // Storage may be forbidden; then the choice lasts as long as the page.
  }
}
