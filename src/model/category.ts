// The kinds of time, in the one order in which they are shown everywhere. Every microsecond of a request has exactly one.

export const CATEGORIES = [
  { key: 'own', name: 'Own code', group: 'code', phrase: 'in your own code' },
  { key: 'loop', name: 'Event-loop wait', group: 'waiting', phrase: 'waiting for the event loop' },
  { key: 'pool', name: 'Pool wait', group: 'waiting', phrase: 'waiting for a free connection' },
  { key: 'conn', name: 'DNS, TCP, TLS', group: 'waiting', phrase: 'opening connections' },
  { key: 'db', name: 'Database', group: 'network', phrase: 'in the database' },
  { key: 'cache', name: 'Cache', group: 'network', phrase: 'in the cache' },
  { key: 'http', name: 'HTTP, own services', group: 'network', phrase: 'on the network between services' },
  { key: 'ext', name: 'External HTTP', group: 'network', phrase: 'in external APIs' },
  { key: 'msg', name: 'Messaging', group: 'network', phrase: 'in messaging' },
  { key: 'other', name: 'Not attributed', group: 'unseen', phrase: 'in work that was not seen' },
] as const;

export type Category = (typeof CATEGORIES)[number];
export type CategoryKey = Category['key'];
export type CategoryGroup = Category['group'];

/** Index of each category in a CategoryVector. */
export const CategoryIndex = {
  own: 0,
  loop: 1,
  pool: 2,
  conn: 3,
  db: 4,
  cache: 5,
  http: 6,
  ext: 7,
  msg: 8,
  other: 9,
} as const satisfies Record<CategoryKey, number>;

export const CATEGORY_COUNT = CATEGORIES.length;

export const GROUP_NAMES: Record<CategoryGroup, string> = {
  code: 'Your code',
  waiting: 'Waiting and set-up',
  network: 'Network work',
  unseen: 'Not seen',
};
