// How many findings are open, as far as an answer said so: for the top bar. Asking for it alone would cost as much as the findings.

import { signal } from '@preact/signals';

export const openFindings = signal<number | undefined>(undefined);
