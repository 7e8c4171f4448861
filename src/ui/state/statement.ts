// Statements for people. In: normalized statements. Out: a short form for rows, and lines with keywords for the details.

export interface StatementPart {
  readonly text: string;
  readonly isKeyword: boolean;
  /** A new line begins before it. */
  readonly isLineStart: boolean;
}

const KEYWORDS =
  /\b(SELECT|FROM|WHERE|INSERT INTO|VALUES|UPDATE|DELETE|SET|GROUP BY|ORDER BY|LIMIT|OFFSET|AND|OR|ON CONFLICT|FOR UPDATE|DO UPDATE|RETURNING|ANY|ILIKE|LEFT JOIN|JOIN|BEGIN|COMMIT)\b/;
const LINE_STARTS = /^(FROM|WHERE|GROUP BY|ORDER BY|LIMIT|VALUES|RETURNING|ON CONFLICT|LEFT JOIN|JOIN)$/;

/** SQL only; anything else is one part. */
export function statementParts(statement: string): readonly StatementPart[] {
  if (!/^\s*(SELECT|INSERT|UPDATE|DELETE|WITH|BEGIN|COMMIT)\b/.test(statement))
    return [{ text: statement, isKeyword: false, isLineStart: false }];
  return statement
    .split(KEYWORDS)
    .map((text, index) => ({
      text,
      isKeyword: index % 2 === 1,
      isLineStart: index > 1 && LINE_STARTS.test(text),
    }))
    .filter(({ text }) => text !== '');
}
