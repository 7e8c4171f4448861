// The code of one function of JavaScript or TypeScript, without a parser. In: a text and where the function begins (at its parameters, or before).
// Out: the text up to its last brace or, of an arrow function without braces, to the end of its expression; strings, templates and comments are blank in it.
// A regular expression with a brace or a quote in it can mislead: then too much or too little is looked at, never too long.

/** Functions are shorter; the rest of a file is not read for a brace that was missed. */
const LENGTH_LIMIT = 20_000;

const OPEN = new Set(['(', '[', '{']);
const CLOSE = new Set([')', ']', '}']);

export function functionText(text: string, start: number): string {
  const limit = Math.min(text.length, start + LENGTH_LIMIT);
  let code = '';
  let depth = 0;
  let hasBody = false;
  for (let at = start; at < limit; at++) {
    const letter = text[at] ?? '';
    const end = stepOver(text, at, limit);
    if (end > at) {
      code += ' '.repeat(end - at);
      at = end - 1;
      continue;
    }
    if (OPEN.has(letter)) {
      hasBody ||= depth === 0 && letter === '{' && !isType(code);
      depth++;
    } else if (CLOSE.has(letter)) depth--;
    // What closes around it: an arrow function without braces.
    if (depth < 0 || (depth === 0 && (letter === ';' || letter === ','))) return code;
    code += letter;
    if (depth === 0 && letter === '}' && hasBody) return code;
  }
  return code;
}

/** `Promise<{ id: number }>`, `: { id: number }`: what stands before the brace tells it from a body. */
function isType(before: string): boolean {
  return /[<:|&,]\s*$/.test(before.slice(-10));
}

/** The offset behind the string, template or comment that begins here; `start` when none does. */
function stepOver(text: string, start: number, limit: number): number {
  const letter = text[start] ?? '';
  if (letter === "'" || letter === '"' || letter === '`') return quoteEnd(text, start, limit);
  if (letter !== '/') return start;
  if (text[start + 1] === '/') return found(text.indexOf('\n', start), limit);
  return text[start + 1] === '*' ? found(text.indexOf('*/', start + 2), limit - 2) + 2 : start;
}

function found(at: number, otherwise: number): number {
  return at < 0 ? otherwise : Math.min(at, otherwise);
}

function quoteEnd(text: string, start: number, limit: number): number {
  const quote = text[start];
  for (let at = start + 1; at < limit; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === quote) return at + 1;
    // Not a string after all: an apostrophe in a regular expression.
    else if (quote !== '`' && text[at] === '\n') return start;
  }
  return start;
}
