// Statements in one line. In: a normalized statement, without values. Out: a form short enough for rows and sentences, and what a statement
// with common table expressions comes to.

/** `SELECT … FROM products WHERE id = $1`: the columns say the least. */
export function shortStatement(statement: string): string {
  const main = mainClause(statement);
  if (main === undefined) return statement.replace(EXPRESSIONS, 'WITH $1 …');
  const short = withoutColumns(main).replace(/^(INSERT INTO \S+)\s.*/is, '$1 …');
  return main === statement
    ? short
    : statement.replace(EXPRESSIONS, `WITH $1 … ${short.replaceAll('$', '$$$$')}`);
}

/**
 * What a statement does after its common table expressions: `SELECT n FROM a` of `WITH a AS (…), b AS (…) SELECT n FROM a`; the statement itself
 * when it has none. undefined: the text ends before.
 */
export function mainClause(statement: string): string | undefined {
  if (!EXPRESSIONS.test(statement)) return statement;
  const at = wordOutside(statement, MAIN_VERB);
  return at < 0 ? undefined : statement.slice(at);
}

const EXPRESSIONS = /^\s*WITH\s+(?:RECURSIVE\s+)?(["`\w.]+).*/is;
const MAIN_VERB = /(?:SELECT|INSERT|UPDATE|DELETE|MERGE|VALUES|TABLE)\b/iy;
const FROM = /FROM\b/iy;

function withoutColumns(statement: string): string {
  if (!/^SELECT\s/i.test(statement)) return statement;
  const at = wordOutside(statement, FROM);
  if (at < 0) return statement;
  const what = AGGREGATE.exec(statement.slice(0, at))?.[1] ?? '…';
  return `SELECT ${what} FROM${statement.slice(at + 'FROM'.length)}`;
}

/** The only thing that is asked for: a count of rows and the rows themselves are two questions. */
const AGGREGATE = /^SELECT\s+((?:count|sum|max|min|avg)\([^()]*\))(?:\s+(?:AS\s+)?["`\w]+)?\s*$/i;

/** Where a word begins that is in no parentheses and in no quoted name; -1: nowhere. `word` is sticky. */
function wordOutside(text: string, word: RegExp): number {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const letter = text[at] ?? '';
    if (letter === '(') depth++;
    else if (letter === ')') depth--;
    else if (letter === '"' || letter === '`') at = endOf(text, letter, at);
    else if (depth === 0 && /\w/.test(letter)) {
      word.lastIndex = at;
      if (word.test(text)) return at;
      at += (/^\w+/.exec(text.slice(at, at + LONGEST_WORD))?.[0].length ?? 1) - 1;
    }
  }
  return -1;
}

/** Names in databases have 63 letters at most, or 128. */
const LONGEST_WORD = 200;

function endOf(text: string, quote: string, at: number): number {
  const end = text.indexOf(quote, at + 1);
  return end < 0 ? text.length : end;
}
