// Redis in a temporary folder: nothing is saved.

import { join } from 'node:path';
import type { Recipe } from './server.ts';

export const redis: Recipe = {
  programs: ['redis-server'],
  packages: { apt: 'redis-server', brew: 'redis' },
  killSignal: 'KILL',
  readyText: 'Ready to accept connections',

  prepare: () => Promise.resolve(),

  args: (place) => [
    '--port',
    String(place.port),
    '--bind',
    '127.0.0.1',
    '--dir',
    place.folder,
    '--unixsocket',
    join(place.folder, 'redis.sock'),
    '--save',
    '',
    '--appendonly',
    'no',
    '--daemonize',
    'no',
    '--databases',
    '16',
  ],

  describe: (place) => ({
    user: 'default',
    socket: join(place.folder, 'redis.sock'),
    url: `redis://127.0.0.1:${place.port}`,
  }),
};
