// A line of source as pieces, for a page that shows it. In: one line of JavaScript, TypeScript or Python. Out: pieces with what they are.
// Line by line on purpose: a comment or string over several lines is shown like code, which is only a little less pretty. Pure.

export interface CodePiece {
  readonly text: string;
  readonly kind: 'code' | 'keyword' | 'string' | 'comment';
}

const PIECES =
  /(?<comment>\/\/.*|#(?![\w{]).*)|(?<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`)|(?<keyword>\b(?:async|await|break|case|catch|class|const|continue|def|elif|else|except|export|finally|for|from|function|if|import|in|let|new|of|return|switch|throw|try|var|while|with|yield)\b)/g;

export function codePieces(line: string): CodePiece[] {
  const pieces: CodePiece[] = [];
  let end = 0;
  for (const match of line.matchAll(PIECES)) {
    if (match.index > end) pieces.push({ text: line.slice(end, match.index), kind: 'code' });
    pieces.push({ text: match[0], kind: kindOf(match.groups ?? {}) });
    end = match.index + match[0].length;
  }
  if (end < line.length) pieces.push({ text: line.slice(end), kind: 'code' });
  return pieces;
}

function kindOf(groups: Readonly<Record<string, string | undefined>>): CodePiece['kind'] {
  if (groups['comment'] !== undefined) return 'comment';
  return groups['string'] === undefined ? 'keyword' : 'string';
}
