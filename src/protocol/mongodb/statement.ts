// The statement of a MongoDB command. In: a message in bytes. Out: `find users {email: ?, age: {$gt: ?}}` as one shared string,
// the command, the database, and whether it waits. Values are never looked at.

import { StatementCache } from '../statement-cache.ts';
import { BsonCursor, BsonType } from './bson.ts';
import { factsOfCommand, hasCollection, isHandshake } from './commands.ts';
import type { CommandFacts, Show } from './commands.ts';
import { OpCode } from './messages.ts';
import type { MongoMessage } from './messages.ts';
import { Shape } from './shape.ts';

/** Longer than any command's name. */
const NAME_LIMIT_BYTES = 40;
const UNSEEN = 'command (name not seen)';
const COMPRESSED = 'compressed MongoDB';
const DOT = 46;

const text = new TextDecoder();
const names = new StatementCache((bytes, start, end) => text.decode(bytes.subarray(start, end)));
const statements = new StatementCache((bytes, start, end) => text.decode(bytes.subarray(start, end)));

/** Commands by the list of documents that came before them and hides them. */
const COMMAND_OF_LIST: Readonly<Record<string, string>> = {
  documents: 'insert',
  updates: 'update',
  deletes: 'delete',
};

export class CommandReader {
  /** Of the latest command; '' when it is not known. */
  command = '';
  database = '';
  /** It asks to be told when there is news. */
  isWaiting = false;
  /** Its answer says how many documents it changed. */
  isCounted = false;
  /** It is a query as they were before commands: its answer holds what was found, and nothing else. */
  isLegacyFind = false;
  readonly #cursor = new BsonCursor();
  readonly #inner = new BsonCursor();
  readonly #list = new BsonCursor();
  readonly #shape = new Shape();

  /** The statement of the command in `message`; sets the other members. */
  read(message: MongoMessage): string {
    this.command = '';
    this.database = '';
    this.isWaiting = false;
    this.isCounted = false;
    this.isLegacyFind = false;
    if (message.opCode === OpCode.Compressed) return COMPRESSED;
    this.#shape.clear();
    if (message.body < 0) return this.#withoutCommand(message);
    if (message.opCode === OpCode.Query && !this.#readSpace(message)) return this.#legacyFind(message);
    return this.#withCommand(message);
  }

  /** The list came first and is longer than what was captured. */
  #withoutCommand(message: MongoMessage): string {
    if (message.list < 0) return UNSEEN;
    const list = names.of(message.bytes, message.listName, message.listNameEnd);
    this.command = COMMAND_OF_LIST[list] ?? '';
    this.isCounted = this.command !== '';
    return this.isCounted ? `${this.command} (collection not seen)` : UNSEEN;
  }

  /** Reads `database.collection`; true when it is `database.$cmd`. */
  #readSpace(message: MongoMessage): boolean {
    const { bytes, spaceStart, spaceEnd } = message;
    let dot = spaceStart;
    while (dot < spaceEnd && bytes[dot] !== DOT) dot++;
    this.database = names.of(bytes, spaceStart, dot);
    return names.of(bytes, dot, spaceEnd) === '.$cmd';
  }

  #legacyFind(message: MongoMessage): string {
    const { bytes, spaceStart, spaceEnd } = message;
    this.command = 'find';
    this.isLegacyFind = true;
    this.#shape.write('find ');
    this.#shape.copy(bytes, spaceStart + this.database.length + 1, spaceEnd);
    this.#shape.write(' ');
    this.#shape.document(bytes, message.body, message.limit);
    return this.#made();
  }

  #withCommand(message: MongoMessage): string {
    const cursor = this.#cursor.open(message.bytes, message.body, message.limit);
    if (!cursor.next() || cursor.nameEnd - cursor.nameStart > NAME_LIMIT_BYTES) return UNSEEN;
    const { bytes, nameStart, nameEnd } = cursor;
    this.command = names.of(bytes, nameStart, nameEnd);
    const facts = factsOfCommand(this.command);
    this.isCounted = facts.isCounted;
    this.#shape.copy(bytes, nameStart, nameEnd);
    if (hasCollection(this.command)) this.#name(cursor);
    this.#members(message, cursor, facts);
    return this.#made();
  }

  #members(message: MongoMessage, cursor: BsonCursor, facts: CommandFacts): void {
    const list = message.list >= 0 && isList(message, facts.first) ? message.list : -1;
    if (list >= 0) this.#change(message.bytes, list, message.limit);
    while (cursor.next()) {
      if (facts.first !== '' && cursor.isNamed(facts.first)) this.#show(cursor, facts.firstAs, message.limit);
      else if (facts.second !== '' && cursor.isNamed(facts.second))
        this.#show(cursor, facts.secondAs, message.limit);
      else this.#member(cursor);
    }
  }

  /** What every command may have. */
  #member(cursor: BsonCursor): void {
    const isText = cursor.type === BsonType.string;
    if (isText && cursor.isNamed('$db'))
      this.database = names.of(cursor.bytes, cursor.textStart, cursor.textEnd);
    else if (this.command === 'getMore') this.#getMore(cursor);
    else if (isHandshake(this.command) && cursor.isNamed('topologyVersion')) this.isWaiting = true;
  }

  /** Only a cursor that waits for documents may be given a time. */
  #getMore(cursor: BsonCursor): void {
    if (cursor.isNamed('collection')) this.#name(cursor);
    else if (cursor.isNamed('maxTimeMS')) this.isWaiting = true;
  }

  #name(cursor: BsonCursor): void {
    if (cursor.type !== BsonType.string) return;
    this.#shape.write(' ');
    this.#shape.copy(cursor.bytes, cursor.textStart, cursor.textEnd);
  }

  #show(cursor: BsonCursor, as: Show, limit: number): void {
    if (as === 'name') return this.#name(cursor);
    if (as === 'changes') return this.#firstChange(cursor, limit);
    this.#shape.write(' ');
    if (as === 'pipeline') this.#shape.array(cursor.bytes, cursor.value, limit, 0);
    else if (as === 'operators') this.#shape.operators(cursor, limit);
    else this.#shape.document(cursor.bytes, cursor.value, limit);
  }

  #firstChange(cursor: BsonCursor, limit: number): void {
    const list = this.#list.open(cursor.bytes, cursor.value, limit);
    if (cursor.type === BsonType.array && list.next()) this.#change(list.bytes, list.value, limit);
  }

  /** `q` is what is changed, `u` how. */
  #change(bytes: Uint8Array, start: number, limit: number): void {
    const change = this.#inner.open(bytes, start, limit);
    while (change.next()) {
      if (change.isNamed('q')) this.#show(change, 'shape', limit);
      else if (change.isNamed('u')) this.#show(change, 'operators', limit);
    }
  }

  #made(): string {
    return statements.of(this.#shape.bytes, 0, this.#shape.length);
  }
}

function isList(message: MongoMessage, name: string): boolean {
  return name !== '' && names.of(message.bytes, message.listName, message.listNameEnd) === name;
}
