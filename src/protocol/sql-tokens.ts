// SQL text as tokens, of which literals are told from the rest. In: text of PostgreSQL or MySQL, possibly cut off.
// Out: one token after the other. Linear, never throws. Not here: what the tokens mean.

export type SqlDialect = 'postgres' | 'mysql';

export const TokenKind = {
  end: 0,
  word: 1,
  /** A quoted identifier. */
  quoted: 2,
  /** A string or number: a value. */
  literal: 3,
  /** $1, ?, :name, @name, %s. */
  placeholder: 4,
  /** One character of punctuation. */
  mark: 5,
} as const;
export type TokenKind = (typeof TokenKind)[keyof typeof TokenKind];

const isDigit = (code: number): boolean => code >= 48 && code <= 57;
const isSpace = (code: number): boolean => code === 32 || (code >= 9 && code <= 13) || code === 0;
/** The mark of a text that was cut off, which is no letter. */
const ELLIPSIS = 0x2026;
const isWordStart = (code: number): boolean =>
  (code >= 97 && code <= 122) ||
  (code >= 65 && code <= 90) ||
  code === 95 ||
  (code >= 128 && code !== ELLIPSIS);
const isWord = (code: number): boolean => isWordStart(code) || isDigit(code) || code === 36;

const QUOTE = 39;
const DOUBLE_QUOTE = 34;
const BACKTICK = 96;
const BACKSLASH = 92;
const DOLLAR = 36;
const DOT = 46;
/** Letters and charset names that belong to the string behind them: E'', B'', X'', N'', U&'', _utf8mb4''. */
const STRING_PREFIX = /^(?:[ebxn]|u&|_[a-z0-9]{1,20})$/i;

/** Walks over the text; after each `next` the fields describe the current token. */
export class SqlTokens {
  readonly text: string;
  readonly #dialect: SqlDialect;
  kind: TokenKind = TokenKind.end;
  start = 0;
  end = 0;
  /** White space or a comment came before it. */
  hasSpace = false;
  /** The text ended inside a string, comment or quoted identifier. */
  isOpenEnded = false;

  constructor(text: string, dialect: SqlDialect) {
    this.text = text;
    this.#dialect = dialect;
  }

  /** Text of the current token. */
  get value(): string {
    return this.text.slice(this.start, this.end);
  }

  next(): TokenKind {
    this.hasSpace = this.#skipSpace();
    this.start = this.end;
    this.kind = this.start >= this.text.length ? TokenKind.end : this.#read();
    return this.kind;
  }

  #code(index: number): number {
    return index < this.text.length ? this.text.charCodeAt(index) : -1;
  }

  #skipSpace(): boolean {
    const from = this.end;
    for (;;) {
      const before = this.end;
      while (isSpace(this.#code(this.end))) this.end++;
      this.#skipComment();
      if (this.end === before) return this.end > from;
    }
  }

  #skipComment(): void {
    const code = this.#code(this.end);
    const following = this.#code(this.end + 1);
    if (code === 45 && following === 45) this.#skipLine();
    else if (code === 47 && following === 42) this.#skipBlock();
    else if (code === 35 && this.#dialect === 'mysql') this.#skipLine();
  }

  #skipLine(): void {
    const end = this.text.indexOf('\n', this.end);
    this.end = end < 0 ? this.text.length : end;
  }

  /** PostgreSQL nests them, MySQL does not. */
  #skipBlock(): void {
    let depth = 1;
    let at = this.end + 2;
    for (; at < this.text.length && depth > 0; at++) {
      const code = this.#code(at);
      if (code === 42 && this.#code(at + 1) === 47) {
        depth--;
        at++;
      } else if (code === 47 && this.#code(at + 1) === 42 && this.#dialect === 'postgres') {
        depth++;
        at++;
      }
    }
    this.isOpenEnded ||= depth > 0;
    this.end = Math.min(at, this.text.length);
  }

  #read(): TokenKind {
    const code = this.#code(this.start);
    const following = this.#code(this.start + 1);
    if (isWordStart(code)) return this.#readWord();
    if (isDigit(code) || (code === DOT && isDigit(following))) return this.#readNumber();
    if (code === QUOTE) return this.#readString(this.#dialect === 'mysql');
    if (code === DOUBLE_QUOTE)
      return this.#dialect === 'mysql' ? this.#readString(true) : this.#readQuoted(code);
    if (code === BACKTICK) return this.#readQuoted(code);
    if (code === DOLLAR) return this.#readDollar(following);
    return this.#readMark(code, following);
  }

  #readWord(): TokenKind {
    while (isWord(this.#code(this.end))) this.end++;
    if (this.#code(this.end) === 38 && this.#code(this.end + 1) === QUOTE && this.end - this.start === 1)
      this.end++;
    if (this.#code(this.end) === QUOTE && STRING_PREFIX.test(this.value))
      return this.#readString(this.#dialect === 'mysql' || (this.#code(this.start) | 32) === 101);
    if (this.#code(this.end - 1) === 38) this.end--;
    return TokenKind.word;
  }

  /** Letters and further dots belong to it: 0x1F, 1e9, 1.5, 1_000, and what nobody would write. */
  #readNumber(): TokenKind {
    for (;;) {
      const code = this.#code(this.end);
      const isSigned = (code === 43 || code === 45) && (this.#code(this.end - 1) | 32) === 101;
      if (!isWord(code) && code !== DOT && !(isSigned && isDigit(this.#code(this.end + 1)))) break;
      this.end++;
    }
    return TokenKind.literal;
  }

  /** From its quote on; a doubled quote is one of the text. */
  #readString(hasBackslash: boolean): TokenKind {
    const quote = this.#code(this.end);
    let at = this.end + 1;
    for (; at < this.text.length; at++) {
      const code = this.#code(at);
      if (code === BACKSLASH && hasBackslash) at++;
      else if (code === quote && this.#code(at + 1) === quote) at++;
      else if (code === quote) break;
    }
    this.isOpenEnded ||= at >= this.text.length;
    this.end = Math.min(at + 1, this.text.length);
    return TokenKind.literal;
  }

  #readQuoted(quote: number): TokenKind {
    let at = this.end + 1;
    for (; at < this.text.length; at++) {
      if (this.#code(at) !== quote) continue;
      if (this.#code(at + 1) !== quote) break;
      at++;
    }
    this.isOpenEnded ||= at >= this.text.length;
    this.end = Math.min(at + 1, this.text.length);
    return TokenKind.quoted;
  }

  /** $1, or $tag$ text $tag$ (PostgreSQL). */
  #readDollar(following: number): TokenKind {
    this.end++;
    if (isDigit(following)) {
      while (isDigit(this.#code(this.end))) this.end++;
      return TokenKind.placeholder;
    }
    let tagEnd = this.end;
    while (isWord(this.#code(tagEnd)) && this.#code(tagEnd) !== DOLLAR) tagEnd++;
    if (this.#dialect === 'mysql' || this.#code(tagEnd) !== DOLLAR) return TokenKind.mark;
    const tag = this.text.slice(this.start, tagEnd + 1);
    const close = this.text.indexOf(tag, tagEnd + 1);
    this.isOpenEnded ||= close < 0;
    this.end = close < 0 ? this.text.length : close + tag.length;
    return TokenKind.literal;
  }

  #readMark(code: number, following: number): TokenKind {
    this.end++;
    if (code === 58 && following === 58) {
      this.end++;
      return TokenKind.mark;
    }
    const isNamed = (code === 58 || code === 64) && isWordStart(following);
    if (isNamed) while (isWord(this.#code(this.end))) this.end++;
    return isNamed || code === 63 ? TokenKind.placeholder : TokenKind.mark;
  }
}
