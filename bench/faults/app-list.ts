// The backends of apps/: how each is started, which of its files hold its faults, and which database it has. Nothing here knows what is wrong.

export const FOLDER = 'bench/faults/apps';

interface App {
  readonly runtime: 'node' | 'python';
  /** Below apps/; the first one is started. */
  readonly files: readonly [string, ...string[]];
  /** The file of endpoints that are right and look wrong. */
  readonly decoys: string;
  readonly database: 'postgres' | 'mariadb';
  /** Of an endpoint with a fault, per second of a side: far below what one core does. Look-alikes are asked half as often. */
  readonly rate: number;
  /** Endpoints without a fault of their own, for which code that blocks is bad luck. */
  readonly victims: readonly string[];
}

export const APPS = {
  ledger: {
    runtime: 'node',
    files: ['ledger.js'],
    decoys: 'ledger-decoys.js',
    database: 'postgres',
    rate: 8,
    victims: ['GET /settings/:id', 'GET /profiles/:id'],
  },
  board: {
    runtime: 'node',
    files: ['board.js'],
    decoys: 'board-decoys.js',
    database: 'mariadb',
    rate: 8,
    victims: ['GET /titles/:id', 'GET /sessions/:id'],
  },
  library: {
    runtime: 'python',
    files: ['library.py', 'library_loans.py'],
    decoys: 'library_decoys.py',
    database: 'postgres',
    rate: 3,
    victims: ['GET /members/<int:id>', 'GET /opening/<int:id>'],
  },
  clinic: {
    runtime: 'python',
    files: ['clinic.py', 'clinic_store.py'],
    decoys: 'clinic_decoys.py',
    database: 'postgres',
    rate: 4,
    victims: ['GET /wards/{id}', 'GET /patients/{id}'],
  },
} as const satisfies Record<string, App>;

export type AppName = keyof typeof APPS;
export const APP_NAMES = Object.keys(APPS) as readonly AppName[];

/** Widened: each app has all of it. */
export function appOf(name: AppName): App {
  return APPS[name];
}
