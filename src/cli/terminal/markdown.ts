// Pieces of GitHub-flavoured Markdown. In: text that others wrote. Out: the same as a code span, a cell or plain text, never as markup.

import { safe } from './text.ts';

/** The first `texts` columns on the left, numbers on the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], texts: number): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, index) => (index < texts ? '---' : '---:'));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}

/** A code span inside a table cell: a longer fence than any run of backticks inside, and `|` escaped (GFM 4.10). */
export function code(text: string): string {
  const content = safe(text).replaceAll('|', String.raw`\|`);
  const longest = Math.max(0, ...[...content.matchAll(/`+/g)].map(([run]) => run.length));
  if (longest === 0) return `\`${content}\``;
  const fence = '`'.repeat(longest + 1);
  return `${fence} ${content} ${fence}`;
}

export function htmlCode(text: string): string {
  return `<code>${safe(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}</code>`;
}

/** Plain text, whatever it contains. */
export function escaped(text: string): string {
  return safe(text).replaceAll(/[\\`*_{}[\]<>|#~&@]/g, (character) => `\\${character}`);
}
