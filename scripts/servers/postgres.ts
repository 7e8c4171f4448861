// PostgreSQL in a temporary folder: nothing is flushed to disk, passwords are checked as in production (SCRAM).

import { join } from 'node:path';
import type { Place, Recipe } from './server.ts';

const DATABASE = 'postgres';

/** Nothing has to survive, so nothing is flushed; few and small buffers, no background work that disturbs measurements. */
const SETTINGS = [
  'fsync=off',
  'synchronous_commit=off',
  'full_page_writes=off',
  'autovacuum=off',
  'jit=off',
  'shared_buffers=32MB',
  'max_connections=100',
  'max_wal_senders=0',
  'wal_level=minimal',
  'max_parallel_workers_per_gather=0',
];

export const postgres: Recipe = {
  programs: ['postgres', 'initdb'],
  packages: { apt: 'postgresql', brew: 'postgresql@17' },
  account: 'postgres',
  killSignal: 'QUIT',
  readyText: 'ready to accept connections',

  async prepare(place) {
    const passwordFile = place.write('password', place.password);
    await place.execute(place.program('initdb'), [
      '--pgdata',
      join(place.folder, 'data'),
      '--username',
      'postgres',
      '--pwfile',
      passwordFile,
      '--auth-host',
      'scram-sha-256',
      '--auth-local',
      'trust',
      '--encoding',
      'UTF8',
      '--locale',
      'C',
      '--no-sync',
    ]);
  },

  args: (place) => [
    ...tls(place).flatMap((setting) => ['-c', setting]),
    '-D',
    join(place.folder, 'data'),
    '-p',
    String(place.port),
    '-c',
    'listen_addresses=127.0.0.1',
    '-c',
    `unix_socket_directories=${place.folder}`,
    ...SETTINGS.flatMap((setting) => ['-c', setting]),
  ],

  describe: (place) => ({
    user: 'postgres',
    password: place.password,
    database: DATABASE,
    socket: place.folder,
    url: `postgres://postgres:${place.password}@127.0.0.1:${place.port}/${DATABASE}`,
  }),
};

function tls({ certificate, write }: Place): readonly string[] {
  if (certificate === undefined) return [];
  const file = write('tls.pem', certificate);
  return ['ssl=on', `ssl_cert_file=${file}`, `ssl_key_file=${file}`];
}
