// Which database a connection string of libpq names. In: `host='db' port=5432 dbname='shop'`, or a URL. Out: host and port, and the name.
// Spec: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING

export interface Database {
  readonly address: string;
  readonly database: string;
}

export const UNKNOWN_DATABASE: Database = { address: '', database: '' };

const DEFAULT_PORT = '5432';
/** A word and its value, which may be in quotes, with backslashes before quotes and backslashes. */
const PAIR = /(\w+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)*))/gs;

export function databaseOf(connection: unknown): Database {
  if (typeof connection !== 'string' || connection === '') return UNKNOWN_DATABASE;
  return /^postgres(?:ql)?:/.test(connection) ? ofUrl(connection) : ofPairs(connection);
}

function ofUrl(text: string): Database {
  if (!URL.canParse(text)) return UNKNOWN_DATABASE;
  const { hostname, port, pathname } = new URL(text);
  return { address: addressOf(hostname, port), database: decodeURIComponent(pathname.slice(1)) };
}

function ofPairs(text: string): Database {
  const values = new Map(
    [...text.matchAll(PAIR)].map(([, name = '', quoted, plain = '']) => [
      name,
      (quoted ?? plain).replace(/\\(.)/gs, '$1'),
    ]),
  );
  const host = values.get('host') ?? values.get('hostaddr') ?? '';
  return { address: addressOf(host, values.get('port') ?? ''), database: values.get('dbname') ?? '' };
}

function addressOf(host: string, port: string): string {
  return host === '' || host.startsWith('/') ? host : `${host}:${port || DEFAULT_PORT}`;
}
