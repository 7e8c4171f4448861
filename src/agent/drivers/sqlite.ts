// What SQLite is asked, and how a database is called. In: what the application passed. Out: statement and name of the file, without folders.

import { basename } from 'node:path';
import type { Asked } from './noted-call.ts';

const UNKNOWN: Asked = { protocol: 'sqlite', statement: '', address: '', database: '' };

export function sqliteAsked(statement: unknown, address: string): Asked {
  return {
    protocol: 'sqlite',
    statement: typeof statement === 'string' ? statement : '',
    address,
    database: '',
  };
}

/** Looks at objects of the driver: whatever goes wrong there, the call goes on. */
export function sqlite<Owner>(look: (owner: Owner) => Asked, owner: Owner): Asked {
  try {
    return look(owner);
  } catch {
    return UNKNOWN;
  }
}

const MEMORY = ':memory:';

/** `file:` addresses lose their parameters. */
export function fileName(opened: unknown): string {
  if (opened instanceof URL) return fileName(opened.pathname);
  if (typeof opened !== 'string' && !Buffer.isBuffer(opened)) return '';
  const text = String(opened);
  if (text === MEMORY || text === `file:${MEMORY}`) return 'memory';
  const end = text.indexOf('?');
  return basename(end < 0 ? text : text.slice(0, end)).replace(/^file:/, '') || 'temporary';
}
