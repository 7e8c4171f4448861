// memcached's commands in its three languages (text, meta, binary): where the key is, whether data follow, how they are answered.
// In: a name or an operation code. Out: what is known of it; undefined: memcached has no such command.
// Spec: https://github.com/memcached/memcached/blob/master/doc/protocol.txt

export const Answered = {
  /** Never: `noreply` says so too. */
  not: 0,
  /** By one line or packet. */
  once: 1,
  /** By values or lines until END; in binary until an empty one. */
  untilEnd: 2,
  /** By nothing when there is nothing to say; a later answer shows that. */
  perhaps: 3,
} as const;

export interface Command {
  /** As shown. */
  readonly name: string;
  /** Which word is the key; 0 none. */
  readonly key: number;
  /** Which word says how many bytes of data follow; 0 none do. */
  readonly size: number;
  readonly answered: (typeof Answered)[keyof typeof Answered];
  /** Its words are the flags of the meta commands, where `q` makes it quiet. */
  readonly isMeta: boolean;
  /** It prepares a connection when it comes before any other command. */
  readonly isSetup: boolean;
}

const texts = new Map<string, Command>();
const codes = new Map<number, Command>();

function command(name: string, facts: Partial<Command> = {}): Command {
  return { name, key: 0, size: 0, answered: Answered.once, isMeta: false, isSetup: false, ...facts };
}

function addTexts(names: string, facts: Partial<Command>): void {
  for (const name of names.split(' ')) texts.set(name, command(name, facts));
}

addTexts('get gets', { key: 1, answered: Answered.untilEnd });
addTexts('gat gats', { key: 2, answered: Answered.untilEnd });
addTexts('set add replace append prepend cas', { key: 1, size: 4 });
addTexts('delete incr decr touch', { key: 1 });
addTexts('mg md ma me', { key: 1, isMeta: true });
addTexts('ms', { key: 1, size: 2, isMeta: true });
addTexts('mn', {});
addTexts('stats', { answered: Answered.untilEnd });
addTexts('version', { isSetup: true });
addTexts('flush_all verbosity cache_memlimit', {});
addTexts('quit', { answered: Answered.not });

const BINARY: readonly (readonly [code: number, name: string])[] = [
  [0x00, 'get'],
  [0x01, 'set'],
  [0x02, 'add'],
  [0x03, 'replace'],
  [0x04, 'delete'],
  [0x05, 'incr'],
  [0x06, 'decr'],
  [0x08, 'flush_all'],
  [0x0a, 'noop'],
  [0x0c, 'get'],
  [0x0e, 'append'],
  [0x0f, 'prepend'],
  [0x1c, 'touch'],
  [0x1d, 'gat'],
  [0x23, 'gat'],
];
const BINARY_QUIET: readonly (readonly [code: number, name: string])[] = [
  [0x09, 'get'],
  [0x0d, 'get'],
  [0x11, 'set'],
  [0x12, 'add'],
  [0x13, 'replace'],
  [0x14, 'delete'],
  [0x15, 'incr'],
  [0x16, 'decr'],
  [0x18, 'flush_all'],
  [0x19, 'append'],
  [0x1a, 'prepend'],
  [0x1e, 'gat'],
  [0x24, 'gat'],
];

/** The key of a packet has a length of its own. */
for (const [code, name] of BINARY) codes.set(code, command(name, { key: 1 }));
for (const [code, name] of BINARY_QUIET)
  codes.set(code, command(name, { key: 1, answered: Answered.perhaps }));
codes.set(0x07, command('quit', { answered: Answered.once }));
codes.set(0x17, command('quit', { answered: Answered.not }));
codes.set(0x0b, command('version', { isSetup: true }));
codes.set(0x10, command('stats', { answered: Answered.untilEnd }));
codes.set(0x20, command('sasl_list', { isSetup: true }));
codes.set(0x21, command('sasl_auth', { isSetup: true }));
codes.set(0x22, command('sasl_step', { isSetup: true }));

export function textCommand(name: string): Command | undefined {
  return texts.get(name);
}

export function binaryCommand(code: number): Command | undefined {
  return codes.get(code);
}

/** Answers that say there is no such key, or not in that state: the command went well, and found nothing. */
export const NOTHING: ReadonlySet<string> = new Set([
  'NOT_FOUND',
  'NOT_STORED',
  'EXISTS',
  'EN',
  'NF',
  'NS',
  'EX',
]);
export const FAILURES: ReadonlySet<string> = new Set(['ERROR', 'CLIENT_ERROR', 'SERVER_ERROR']);
/** Answers with a size and data. */
export const VALUES: ReadonlySet<string> = new Set(['VALUE', 'VA']);
/** All other first words of an answer; else it is a number. */
export const RESULTS: ReadonlySet<string> = new Set([
  ...NOTHING,
  ...FAILURES,
  'STORED',
  'DELETED',
  'TOUCHED',
  'OK',
  'RESET',
  'BUSY',
  'END',
  'STAT',
  'VERSION',
  'HD',
  'MN',
  'ME',
]);

/** Status of a packet → '' when it went well, or its name in the specification. */
export function statusName(status: number): string {
  return STATUS[status] ?? `0x${status.toString(16).padStart(4, '0')}`;
}

const STATUS: Readonly<Record<number, string>> = {
  0x00: '',
  0x01: '',
  0x02: '',
  0x03: 'TOO_LARGE',
  0x04: 'INVALID_ARGUMENTS',
  0x05: '',
  0x06: 'NON_NUMERIC',
  0x20: 'AUTH_ERROR',
  0x21: '',
  0x81: 'UNKNOWN_COMMAND',
  0x82: 'OUT_OF_MEMORY',
  0x83: 'NOT_SUPPORTED',
  0x84: 'INTERNAL_ERROR',
  0x85: 'BUSY',
  0x86: 'TEMPORARY_FAILURE',
};
