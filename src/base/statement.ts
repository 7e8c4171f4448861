// Statements in one line. In: a normalized statement. Out: a form short enough for rows and sentences.

/** `SELECT … FROM products WHERE id = $1`: the columns say the least. */
export function shortStatement(statement: string): string {
  return statement.replace(/^SELECT .*? FROM /s, 'SELECT … FROM ').replace(/^(INSERT INTO \S+)\s.*/s, '$1 …');
}
