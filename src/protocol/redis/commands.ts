// Redis commands: where their key is, and which have answers of their own kind. In: a name in bytes. Out: what is known of it.
// A command that is not here has its key as first argument, as nearly all have, also those of modules.
// Spec: https://redis.io/docs/latest/commands/

export const CommandKind = {
  usual: 0,
  /** One answer per channel. */
  subscribe: 1,
  unsubscribe: 2,
  monitor: 3,
  /** CLIENT REPLY OFF and SKIP: no answers. */
  client: 4,
  /** What follows is a replication stream. */
  replication: 5,
  reset: 6,
} as const;
export type CommandKind = (typeof CommandKind)[keyof typeof CommandKind];

/** Where the key is. */
export const KeyAt = {
  none: 0,
  /** Behind the word STREAMS. */
  streams: -1,
} as const;

export interface Command {
  readonly nameLength: number;
  /** Index of the argument that is the key (the name is 0), or KeyAt. */
  readonly key: number;
  readonly hasSubcommand: boolean;
  readonly kind: CommandKind;
  /** It prepares a connection when it comes before any other command. */
  readonly isSetup: boolean;
  /** It waits until there is something; those on streams only when they say BLOCK. */
  readonly isWait: boolean;
}

const WITHOUT_KEY =
  'PING ECHO AUTH HELLO SELECT INFO MULTI EXEC DISCARD UNWATCH QUIT DBSIZE FLUSHALL FLUSHDB SAVE BGSAVE BGREWRITEAOF TIME ROLE ' +
  'WAIT WAITAOF SCAN RANDOMKEY MIGRATE SWAPDB REPLICAOF SLAVEOF READONLY READWRITE ASKING LASTSAVE SHUTDOWN FAILOVER LOLWUT ' +
  'MONITOR RESET SYNC PSYNC REPLCONF';
const WITH_SUBCOMMAND =
  'CLIENT CONFIG SCRIPT CLUSTER ACL LATENCY MODULE SLOWLOG PUBSUB FUNCTION COMMAND DEBUG SENTINEL';
const WITH_SUBCOMMAND_AND_KEY = 'OBJECT MEMORY XGROUP XINFO';
const KEY_SECOND = 'LMPOP ZMPOP SINTERCARD ZINTERCARD ZINTER ZUNION ZDIFF BITOP';
const KEY_THIRD = 'EVAL EVALSHA EVAL_RO EVALSHA_RO FCALL FCALL_RO BLMPOP BZMPOP';
const KEY_BEHIND_STREAMS = 'XREAD XREADGROUP';
const WAITS = new Set('BLPOP BRPOP BLMOVE BRPOPLPUSH BLMPOP BZPOPMIN BZPOPMAX BZMPOP'.split(' '));
const SETUP = new Set('HELLO AUTH CLIENT SELECT INFO READONLY'.split(' '));
const KINDS: Readonly<Record<string, CommandKind>> = {
  SUBSCRIBE: CommandKind.subscribe,
  PSUBSCRIBE: CommandKind.subscribe,
  SSUBSCRIBE: CommandKind.subscribe,
  UNSUBSCRIBE: CommandKind.unsubscribe,
  PUNSUBSCRIBE: CommandKind.unsubscribe,
  SUNSUBSCRIBE: CommandKind.unsubscribe,
  MONITOR: CommandKind.monitor,
  CLIENT: CommandKind.client,
  SYNC: CommandKind.replication,
  PSYNC: CommandKind.replication,
  RESET: CommandKind.reset,
};

const commands = new Map<number, Command>();

function add(names: string, key: number, hasSubcommand = false): void {
  for (const name of names.split(' ')) {
    const bytes = Uint8Array.from(name, (letter) => letter.charCodeAt(0));
    const kind = KINDS[name] ?? CommandKind.usual;
    const isSetup = SETUP.has(name);
    commands.set(hashOf(bytes, 0, bytes.length), {
      nameLength: name.length,
      key,
      hasSubcommand,
      kind,
      isSetup,
      isWait: WAITS.has(name),
    });
  }
}

add(WITHOUT_KEY, KeyAt.none);
add(WITH_SUBCOMMAND, KeyAt.none, true);
add(WITH_SUBCOMMAND_AND_KEY, 2, true);
add(KEY_SECOND, 2);
add(KEY_THIRD, 3);
add(KEY_BEHIND_STREAMS, KeyAt.streams);
add('BLPOP BRPOP BLMOVE BRPOPLPUSH BZPOPMIN BZPOPMAX', 1);
add('SUBSCRIBE PSUBSCRIBE SSUBSCRIBE UNSUBSCRIBE PUNSUBSCRIBE SUNSUBSCRIBE', 1);

const OTHER: Command = {
  nameLength: 0,
  key: 1,
  hasSubcommand: false,
  kind: CommandKind.usual,
  isSetup: false,
  isWait: false,
};

/** FNV-1a of the name in capitals. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let index = start; index < end; index++)
    hash = Math.imul(hash ^ capital(bytes[index] ?? 0), 0x01000193);
  return hash;
}

/** The byte of the capital letter. */
export function capital(byte: number): number {
  return byte >= 97 && byte <= 122 ? byte - 32 : byte;
}

/** The command whose name is bytes[start, end), in any case. */
export function commandOf(bytes: Uint8Array, start: number, end: number): Command {
  const found = commands.get(hashOf(bytes, start, end));
  return found !== undefined && found.nameLength === end - start ? found : OTHER;
}

/** A name of letters, digits and . _ - up to 32 long: anything else is not a command but perhaps a value. */
export function isName(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 1 || end - start > 32) return false;
  for (let index = start; index < end; index++) {
    const byte = capital(bytes[index] ?? 0);
    const isLetter = byte >= 65 && byte <= 90;
    const isOther = (byte >= 48 && byte <= 57) || byte === 46 || byte === 95 || byte === 45;
    if (!isLetter && !(isOther && index > start)) return false;
  }
  return true;
}
