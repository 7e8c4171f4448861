// MongoDB commands: which have a collection as their value, and which documents of them say what is looked for.
// In: the name of a command. Out: what is known of it; a command that is not here is shown by its name alone.
// Spec: https://www.mongodb.com/docs/manual/reference/command/

/** What a member of a command is shown as. */
export type Show = 'shape' | 'pipeline' | 'operators' | 'name' | 'changes';

export interface CommandFacts {
  /** The member that is shown first, and the one behind it; '' none. */
  readonly first: string;
  readonly firstAs: Show;
  readonly second: string;
  readonly secondAs: Show;
  /** Its answer says how many documents it changed. */
  readonly isCounted: boolean;
}

function facts(first = '', firstAs: Show = 'shape', second = '', secondAs: Show = 'shape'): CommandFacts {
  return { first, firstAs, second, secondAs, isCounted: false };
}

const counted = (command: CommandFacts): CommandFacts => ({ ...command, isCounted: true });

/** Commands whose value is the name of a collection. */
const COLLECTION_COMMANDS: ReadonlyMap<string, CommandFacts> = new Map([
  ['find', facts('filter')],
  ['aggregate', facts('pipeline', 'pipeline')],
  ['insert', counted(facts())],
  ['update', counted(facts('updates', 'changes'))],
  ['delete', counted(facts('deletes', 'changes'))],
  ['findAndModify', facts('query', 'shape', 'update', 'operators')],
  ['findandmodify', facts('query', 'shape', 'update', 'operators')],
  ['count', facts('query')],
  ['distinct', facts('key', 'name', 'query', 'shape')],
  ...[
    'create',
    'createIndexes',
    'collMod',
    'collStats',
    'drop',
    'dropIndexes',
    'killCursors',
    'listIndexes',
    'mapReduce',
    'validate',
  ].map((name): [string, CommandFacts] => [name, facts()]),
]);

const OTHER = facts();
const HANDSHAKE: ReadonlySet<string> = new Set(['hello', 'isMaster', 'ismaster']);
const SETUP: ReadonlySet<string> = new Set([
  ...HANDSHAKE,
  'saslStart',
  'saslContinue',
  'authenticate',
  'getnonce',
]);

export function factsOfCommand(name: string): CommandFacts {
  return COLLECTION_COMMANDS.get(name) ?? OTHER;
}

export function hasCollection(name: string): boolean {
  return COLLECTION_COMMANDS.has(name);
}

/** It says who speaks, and waits for changes of the topology when it is asked to. */
export function isHandshake(name: string): boolean {
  return HANDSHAKE.has(name);
}

/** It prepares a connection when it comes before any other command. */
export function isSetup(name: string): boolean {
  return SETUP.has(name);
}
