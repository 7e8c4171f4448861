// MariaDB in a temporary folder: small buffers, nothing flushed; one user with a password, one database.

import { join } from 'node:path';
import type { Place, Recipe } from './server.ts';

const USER = 'wiretime';
const DATABASE = 'test';

export const mariadb: Recipe = {
  programs: ['mariadbd', 'mariadb-install-db'],
  packages: { apt: 'mariadb-server', brew: 'mariadb' },
  account: 'mysql',
  killSignal: 'KILL',
  readyText: 'ready for connections',

  async prepare(place) {
    await place.execute(place.program('mariadb-install-db'), [
      '--no-defaults',
      `--datadir=${join(place.folder, 'data')}`,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
    ]);
    place.write(
      'init.sql',
      `CREATE DATABASE ${DATABASE} CHARACTER SET utf8mb4;
CREATE USER '${USER}'@'%' IDENTIFIED BY '${place.password}';
GRANT ALL ON *.* TO '${USER}'@'%';
`,
    );
  },

  args: (place) => [
    '--no-defaults',
    `--datadir=${join(place.folder, 'data')}`,
    `--port=${place.port}`,
    '--bind-address=127.0.0.1',
    '--skip-name-resolve',
    `--socket=${join(place.folder, 'mysql.sock')}`,
    `--pid-file=${join(place.folder, 'pid')}`,
    `--init-file=${join(place.folder, 'init.sql')}`,
    '--innodb-flush-method=nosync',
    '--innodb-flush-log-at-trx-commit=0',
    '--innodb-buffer-pool-size=32M',
    '--innodb-log-file-size=8M',
    ...tls(place),
  ],

  describe: (place) => ({
    user: USER,
    password: place.password,
    database: DATABASE,
    socket: join(place.folder, 'mysql.sock'),
    url: `mysql://${USER}:${place.password}@127.0.0.1:${place.port}/${DATABASE}`,
  }),
};

function tls({ certificate, write }: Place): readonly string[] {
  if (certificate === undefined) return [];
  const file = write('tls.pem', certificate);
  return [`--ssl-cert=${file}`, `--ssl-key=${file}`];
}
