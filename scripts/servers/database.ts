// A database of one's own on a PostgreSQL server. In: the server's URL and a name. Out: the database's URL.

import { Client } from 'pg';

/** Creates the database, which must not be there yet. */
export async function createDatabase(serverUrl: string, name: string): Promise<string> {
  const client = new Client(serverUrl);
  await client.connect();
  await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  await client.end();
  const url = new URL(serverUrl);
  url.pathname = name;
  return url.href;
}
