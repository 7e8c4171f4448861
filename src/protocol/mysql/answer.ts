// The answer to one command of MySQL, packet by packet. In: packets of the server (packet.ts). Out: does it go on, is it done,
// has it failed; and how many rows it had. Not here: bytes, operations, the order of answers (exchange.ts).
// Spec: https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_com_query_response.html

import type { ByteReader } from '../../base/bytes.ts';
import type { Operation } from '../../model/operation.ts';
import type { CommandKind } from './commands.ts';
import {
  First,
  FULL_PACKET,
  HEADER_BYTES,
  isShortEof,
  PROGRESS,
  readAnswer,
  readAny,
  readColumnCount,
  readPrepared,
  readRow,
  Status,
} from './packet.ts';
import type { MySqlMessage } from './packet.ts';

/** What the packet did to the answer. */
export const Step = { More: 0, Done: 1, Failed: 2 } as const;

/** What the next packet is. `Between`: a hole hides whether the columns are over. */
const Expect = { First: 0, Columns: 1, ColumnsEnd: 2, Rows: 3, Between: 4, Definitions: 5 } as const;

/** A column is described by a text that begins with the catalog, which is always "def". */
const COLUMN = 0x03;
/** MySQL's own limit. */
const COLUMN_LIMIT = 4096;

/** What a connection has agreed on, as far as it was seen. */
export class Session {
  /** EOF packets end columns; undefined: not known yet. Newer servers and clients agree to do without. */
  hasEof: boolean | undefined = undefined;
  /** Answers say whether they describe their columns. */
  hasOptionalColumns = false;
}

export class Answer {
  readonly operation: Operation;
  readonly command: CommandKind;
  /** The statement that PREPARE is to remember. */
  readonly text: string;
  /** The id that PREPARE was answered with. */
  statementId = 0;
  /** The client sends packets of its own before the answer goes on: a file, or more of the login. */
  takesData: boolean;
  /** Sequence number of the next packet; -1 when a hole hides it. */
  sequence: number;
  /** The next packet continues one that was full. */
  isContinued = false;
  hasBegun = false;
  readonly #session: Session;
  #expect: number;
  #left = 0;
  #columns = 0;
  #rows = 0;
  #areRowsHidden = false;
  #results = 0;
  /** Sequence number of the packet after the columns, or of the last definition. */
  #boundary = 0;

  constructor(operation: Operation, command: CommandKind, text: string, sequence: number, session: Session) {
    this.operation = operation;
    this.command = command;
    this.text = text;
    this.takesData = command.answer === 'login';
    this.sequence = sequence;
    this.#session = session;
    this.#expect = firstOf(command);
  }

  /** Reads the next packet as what it is expected to be. */
  read(reader: ByteReader, message: MySqlMessage): number {
    if (this.isContinued) return readAny(reader, message);
    if (this.#expect !== Expect.First) return readRow(reader, message);
    const content = reader.at + HEADER_BYTES;
    const length = readAnswer(reader, message);
    if (length <= 0) return length;
    reader.at = content;
    if (this.command.answer === 'prepared' && message.first === First.Ok) readPrepared(reader, message);
    if (this.command.answer === 'result' && isCount(message))
      readColumnCount(reader, message, this.#session.hasOptionalColumns);
    return length;
  }

  /** Can the packet that was read stand here? */
  allows(message: MySqlMessage): boolean {
    if (this.sequence >= 0 && message.sequence !== this.sequence) return false;
    if (this.isContinued || message.first === First.Error) return true;
    if (message.first < 0) return message.size > 0;
    if (this.#expect === Expect.Columns || this.#expect === Expect.Definitions)
      return message.first === COLUMN || message.first === First.Eof;
    return this.#expect !== Expect.First || this.#allowsFirst(message);
  }

  #allowsFirst({ first, size, columnCount }: MySqlMessage): boolean {
    switch (this.command.answer) {
      case 'login':
        return first <= First.More || first === First.Eof;
      case 'ok':
        return first === First.Ok || first === First.Eof;
      case 'prepared':
        return first === First.Ok && size >= 12;
      case 'result':
        return (
          first === First.Ok || first === First.LocalInfile || (size <= 5 && columnCount <= COLUMN_LIMIT)
        );
      default:
        return true;
    }
  }

  /** Takes the packet that was read. */
  take(message: MySqlMessage): number {
    const isContinuation = this.isContinued;
    this.hasBegun = true;
    this.isContinued = message.size === FULL_PACKET;
    this.sequence = (message.sequence + 1) & 0xff;
    if (isContinuation) return Step.More;
    switch (this.#expect) {
      case Expect.First:
        return this.#first(message);
      case Expect.Columns:
        return this.#column(message);
      case Expect.Definitions:
        return this.#definition(message);
      default:
        return this.#row(message);
    }
  }

  #first(message: MySqlMessage): number {
    if (message.first === First.Error) return message.errorNumber === PROGRESS ? Step.More : Step.Failed;
    switch (this.command.answer) {
      case 'login':
        return message.first === First.Ok ? Step.Done : Step.More;
      case 'result':
        return this.#result(message);
      case 'prepared':
        return this.#prepared(message);
      default:
        return Step.Done;
    }
  }

  #result(message: MySqlMessage): number {
    this.takesData = message.first === First.LocalInfile;
    if (this.takesData) return Step.More;
    if (!isCount(message)) {
      this.#rows += message.affectedRows;
      return this.#endOfResult(message);
    }
    this.#results++;
    this.#columns = message.columnCount;
    this.#left = message.hasColumns ? message.columnCount : 0;
    this.#boundary = (message.sequence + this.#left + 1) & 0xff;
    this.#expect = this.#left > 0 ? Expect.Columns : Expect.ColumnsEnd;
    return Step.More;
  }

  #endOfResult(message: MySqlMessage): number {
    this.#expect = Expect.First;
    return (message.status & Status.MoreResults) === 0 ? Step.Done : Step.More;
  }

  #column(message: MySqlMessage): number {
    if (message.first === First.Error) return Step.Failed;
    if (this.command.answer === 'columns') return message.first === First.Eof ? Step.Done : Step.More;
    if (--this.#left === 0) this.#expect = Expect.ColumnsEnd;
    return Step.More;
  }

  #row(message: MySqlMessage): number {
    if (this.#isEndOfColumns(message)) return this.#endOfColumns(message);
    if (this.#expect === Expect.ColumnsEnd) this.#expect = Expect.Rows;
    if (message.first < First.Eof || message.size === FULL_PACKET) {
      this.#rows++;
      return Step.More;
    }
    if (message.first === First.Error) return message.errorNumber === PROGRESS ? Step.More : Step.Failed;
    if (this.#areRowsHidden) this.#countBySequence(message);
    return this.#endOfResult(message);
  }

  #isEndOfColumns(message: MySqlMessage): boolean {
    if (!isShortEof(message)) return false;
    if (this.#expect === Expect.ColumnsEnd) return true;
    return (
      this.#expect === Expect.Between && this.#session.hasEof !== false && message.sequence === this.#boundary
    );
  }

  /** With a cursor the rows come with FETCH. */
  #endOfColumns(message: MySqlMessage): number {
    this.#session.hasEof = true;
    this.#expect = Expect.Rows;
    return (message.status & Status.CursorExists) === 0 ? Step.More : Step.Done;
  }

  /** Packets are numbered modulo 256: exact when fewer rows than that fit into the bytes that came. */
  #countBySequence(message: MySqlMessage): void {
    const { hasEof } = this.#session;
    const smallestRow = HEADER_BYTES + this.#columns;
    const isExact = this.#results === 1 && hasEof !== undefined && this.operation.bytesIn < 256 * smallestRow;
    if (!isExact || this.#columns === 0) return;
    this.#areRowsHidden = false;
    this.#rows = (message.sequence - this.#boundary - (hasEof ? 1 : 0)) & 0xff;
  }

  #prepared(message: MySqlMessage): number {
    const { hasEof } = this.#session;
    const { parameterCount, columnCount } = message;
    this.statementId = message.statementId;
    this.#left = parameterCount + columnCount;
    const ends = hasEof === true ? Number(parameterCount > 0) + Number(columnCount > 0) : 0;
    this.#boundary = (message.sequence + this.#left + ends) & 0xff;
    this.#expect = Expect.Definitions;
    return this.#left === 0 ? Step.Done : Step.More;
  }

  #definition(message: MySqlMessage): number {
    if (message.first === First.Error) return Step.Failed;
    if (this.#areRowsHidden) return message.sequence === this.#boundary ? Step.Done : Step.More;
    if (isShortEof(message)) this.#session.hasEof = true;
    else this.#left--;
    if (this.#left > 0) return Step.More;
    return this.#session.hasEof === true && !isShortEof(message) ? Step.More : Step.Done;
  }

  /** A hole hides packets. */
  lose(): void {
    this.sequence = -1;
    this.isContinued = false;
    this.#areRowsHidden = true;
    if (this.#expect === Expect.Columns || this.#expect === Expect.ColumnsEnd) this.#expect = Expect.Between;
  }

  /** Rows of all results, or changed rows; -1 when the command has none, or a hole hides how many. */
  get rows(): number {
    const isCounted = this.command.answer === 'result' || this.command.answer === 'rows';
    return isCounted && !this.#areRowsHidden ? this.#rows : -1;
  }
}

function firstOf(command: CommandKind): number {
  if (command.answer === 'rows') return Expect.Rows;
  return command.answer === 'columns' ? Expect.Columns : Expect.First;
}

/** The count of columns: neither OK nor the name of a file nor an end. */
function isCount(message: MySqlMessage): boolean {
  return message.first > First.Ok && message.first !== First.LocalInfile && message.first < First.Eof;
}
