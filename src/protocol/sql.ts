// SQL without its values. In: the text of a query of PostgreSQL or MySQL, possibly cut off. Out: the statement: one string for all
// queries that differ only in values, and a summary of it. No literal of the text is ever in the result.
// Not here: parsing; a statement is a row of tokens.

import { MadeUpNames } from './made-up-names.ts';
import { SqlTokens, TokenKind } from './sql-tokens.ts';
import type { SqlDialect } from './sql-tokens.ts';
import { StatementCache } from './statement-cache.ts';

export type { SqlDialect } from './sql-tokens.ts';

/** Longer statements are cut: they are shown on one line and kept in a dictionary; what tells two apart is at the start. */
export const STATEMENT_LIMIT = 4096;
const ELLIPSIS = '…';
const SUMMARY_LIMIT = 255;

/** Statements of one dialect by the bytes of their query (UTF-8). `isCut`: the bytes are the start of longer queries. */
export function sqlStatements(dialect: SqlDialect, isCut = false): StatementCache {
  const utf8 = new TextDecoder();
  return new StatementCache((bytes, start, end) =>
    normalizeSql(utf8.decode(bytes.subarray(start, end)), dialect, isCut),
  );
}

/**
 * The statement of a query. Literals become `?`, lists of values become one value, further rows of VALUES, comments and
 * extra white space go. `isCut`: the text is not complete.
 */
export function normalizeSql(text: string, dialect: SqlDialect = 'postgres', isCut = false): string {
  const writer = new StatementWriter(new SqlTokens(text, dialect));
  return writer.write(isCut);
}

/** `BEGIN;` is `BEGIN`: what is between two statements says nothing behind the last. */
const END = /[\s;]+$/;

class StatementWriter {
  readonly #tokens: SqlTokens;
  readonly #names = new MadeUpNames();
  #out = '';
  #last = '';
  #lastKind: TokenKind = TokenKind.end;

  constructor(tokens: SqlTokens) {
    this.#tokens = tokens;
  }

  write(isCut: boolean): string {
    const tokens = this.#tokens;
    tokens.next();
    while (tokens.kind !== TokenKind.end && this.#out.length < STATEMENT_LIMIT) this.#token();
    const isShortened = tokens.kind !== TokenKind.end || isCut || tokens.isOpenEnded;
    if (!isShortened) this.#out = this.#out.replace(END, '');
    return this.#shortened(isShortened);
  }

  #shortened(isShortened: boolean): string {
    if (this.#out.length <= STATEMENT_LIMIT - 1 || (this.#out.length === STATEMENT_LIMIT && !isShortened))
      return isShortened && !this.#out.endsWith(ELLIPSIS) ? this.#out + ELLIPSIS : this.#out;
    return withoutHalfCharacter(this.#out.slice(0, STATEMENT_LIMIT - 1)).trimEnd() + ELLIPSIS;
  }

  #token(): void {
    const tokens = this.#tokens;
    if (tokens.kind === TokenKind.literal) this.#emit('?', tokens.hasSpace);
    else if (this.#isSign()) this.#signed();
    else this.#emit(this.#isName() ? this.#names.without(tokens.value) : tokens.value, tokens.hasSpace);
    const word = this.#lastKind === TokenKind.word ? this.#last.toLowerCase() : '';
    tokens.next();
    if (word === 'in') this.#list('(', ')');
    else if (word === 'array') this.#list('[', ']');
    else if (word === 'values' || word === 'value') this.#rows();
  }

  #isName(): boolean {
    return this.#tokens.kind === TokenKind.word || this.#tokens.kind === TokenKind.quoted;
  }

  #emit(text: string, hasSpace: boolean): void {
    this.#out += hasSpace && this.#out !== '' ? ` ${text}` : text;
    this.#last = text;
    this.#lastKind = this.#tokens.kind;
  }

  /** A minus that belongs to the number behind it: nothing before it that could be subtracted from. */
  #isSign(): boolean {
    const tokens = this.#tokens;
    if (tokens.kind !== TokenKind.mark || tokens.text[tokens.start] !== '-') return false;
    const following = tokens.text.charCodeAt(tokens.end);
    const isNumber =
      (following >= 48 && following <= 57) || /^\.\d/.test(tokens.text.slice(tokens.end, tokens.end + 2));
    return isNumber && this.#lastKind === TokenKind.mark && this.#last !== ')' && this.#last !== ']';
  }

  #signed(): void {
    const hasSpace = this.#tokens.hasSpace;
    this.#tokens.next();
    this.#emit('?', hasSpace);
  }

  /** IN (1, 2, 3) → IN (?): how many there are differs from call to call. Anything but values is left as it is. */
  #list(open: string, close: string): void {
    const tokens = this.#tokens;
    if (tokens.kind !== TokenKind.mark || tokens.value !== open) return;
    const { hasSpace, start } = tokens;
    if (this.#skipValues(close)) {
      this.#emit(`${open}?${close}`, hasSpace);
      this.#last = close;
      this.#lastKind = TokenKind.mark;
      return;
    }
    tokens.end = start;
    tokens.next();
    tokens.hasSpace = hasSpace;
  }

  /** Passes over values, commas and signs up to `close`; false: there is something else. At the end of the text: true. */
  #skipValues(close: string): boolean {
    const tokens = this.#tokens;
    let count = 0;
    while (tokens.next() !== TokenKind.end) {
      if (tokens.kind === TokenKind.literal || tokens.kind === TokenKind.placeholder) count++;
      else if (tokens.kind !== TokenKind.mark) return false;
      else if (tokens.value === close) break;
      else if (tokens.value !== ',' && tokens.value !== '-' && tokens.value !== '+') return false;
    }
    if (count === 0) return false;
    tokens.next();
    return true;
  }

  /** VALUES (…), (…), (…) → VALUES (…). */
  #rows(): void {
    const tokens = this.#tokens;
    if (tokens.kind !== TokenKind.mark || tokens.value !== '(') return;
    this.#row(true);
    while (this.#isMark(',')) {
      const { hasSpace, start } = tokens;
      tokens.next();
      if (!this.#isMark('(')) {
        tokens.end = start;
        tokens.next();
        tokens.hasSpace = hasSpace;
        return;
      }
      this.#row(false);
    }
  }

  /** Passes over one parenthesis. */
  #row(isWritten: boolean): void {
    const tokens = this.#tokens;
    let depth = 0;
    do {
      if (this.#isMark('(')) depth++;
      else if (this.#isMark(')')) depth--;
      if (!isWritten) tokens.next();
      else if (tokens.kind === TokenKind.literal) this.#plain('?');
      else if (this.#isSign()) this.#signedInRow();
      else this.#plain(tokens.value);
    } while (depth > 0 && tokens.kind !== TokenKind.end && this.#out.length < STATEMENT_LIMIT);
  }

  #plain(text: string): void {
    this.#emit(text, this.#tokens.hasSpace);
    this.#tokens.next();
  }

  #signedInRow(): void {
    this.#signed();
    this.#tokens.next();
  }

  #isMark(mark: string): boolean {
    return this.#tokens.kind === TokenKind.mark && this.#tokens.value === mark;
  }
}

function withoutHalfCharacter(text: string): string {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff ? text.slice(0, -1) : text;
}

/** Words behind which the name of a table comes. */
const BEFORE_TARGET = new Set(['from', 'join', 'into', 'update', 'table', 'copy', 'view', 'index']);
/** Words that may stand between those and the name. */
const FILLER = new Set([
  'only',
  'lateral',
  'if',
  'not',
  'exists',
  'ignore',
  'low_priority',
  'concurrently',
  'table',
]);
/** What a statement can do once a WITH is over. */
const MAIN_VERB = new Set(['select', 'insert', 'update', 'delete', 'merge']);

/** `{operation} {target}…` of a statement, as OpenTelemetry's db.query.summary: SELECT users, INSERT orders. */
export function summarizeSql(text: string, dialect: SqlDialect = 'postgres'): string {
  const tokens = new SqlTokens(text, dialect);
  const targets: string[] = [];
  let verb = '';
  let length = 0;
  while (tokens.next() !== TokenKind.end && length < SUMMARY_LIMIT) {
    const word = tokens.kind === TokenKind.word ? tokens.value.toLowerCase() : '';
    if (verb === '' && word !== '') verb = tokens.value.toUpperCase();
    else if (verb === 'WITH' && MAIN_VERB.has(word) && tokens.hasSpace) verb = word.toUpperCase();
    if (!BEFORE_TARGET.has(word) || (word === 'update' && verb !== 'UPDATE')) continue;
    const target = targetOf(tokens);
    if (target === '' || targets.includes(target)) continue;
    targets.push(target);
    length += target.length + 1;
  }
  return [verb, ...targets].join(' ').slice(0, SUMMARY_LIMIT).replaceAll(ELLIPSIS, '');
}

/** A name, perhaps with its schema, behind FROM and the like; '' when a subquery follows. */
function targetOf(tokens: SqlTokens): string {
  do tokens.next();
  while (tokens.kind === TokenKind.word && FILLER.has(tokens.value.toLowerCase()));
  let name = '';
  while (isNamePart(tokens, name)) {
    name += tokens.value;
    tokens.next();
  }
  tokens.end = tokens.start;
  return name;
}

function isNamePart(tokens: SqlTokens, name: string): boolean {
  const isName = tokens.kind === TokenKind.word || tokens.kind === TokenKind.quoted;
  const isDot = tokens.kind === TokenKind.mark && tokens.value === '.';
  return name === '' || name.endsWith('.') ? isName : isDot && !tokens.hasSpace;
}
