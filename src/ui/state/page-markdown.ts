// Tables as Markdown. In: texts of cells. Out: text. Pure.

/** The first row is the head. Pipes and line ends inside of cells would break the table. */
export function tableMarkdown(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  const line = (cells: readonly string[]) =>
    `| ${head.map((_, index) => cellText(cells[index] ?? '')).join(' | ')} |`;
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...body.map(line)].join('\n');
}

function cellText(text: string): string {
  return plainText(text).replace(/[|`<>*_\\]/g, '\\$&');
}

/** One line, one kind of space. */
export function plainText(text: string): string {
  return text.replace(/[\s\u00a0\u202f]+/g, ' ').trim();
}
