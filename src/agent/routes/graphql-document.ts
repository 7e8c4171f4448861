// The name of what a GraphQL document asks for. In: the text of a document, which is the client's. Out: `query GetUser`; without a name the
// fields at its root, `query {posts user}`. Never a value: arguments, literals and aliases are passed over. '' for anything else.
// Grammar: https://spec.graphql.org/October2021/#sec-Document. Not here: where the text comes from (graphql.ts).

/** More root fields are not told by name. */
const FIELD_LIMIT = 3;
const NAME_LIMIT = 80;

/** A string or block string · a comment · `...` · a name · any other sign. White space, commas and numbers are between them. */
const TOKEN =
  /"""(?:\\"""|[^])*?"""|"(?:\\.|[^"\\\n])*"|#[^\n\r]*|\.\.\.|[_A-Za-z][_0-9A-Za-z]*|[!$&()/:=@[\]{|}]/g;
const NAME = /^[_A-Za-z]/;
const KINDS = new Set(['query', 'mutation', 'subscription']);

/** Could this text be a document? For texts of which nobody said so. */
export function looksLikeDocument(text: string): boolean {
  return (
    /^[\s,\uFEFF]*(?:#|\{|query\b|mutation\b|subscription\b|fragment\b)/.test(text) && text.includes('{')
  );
}

/** `wanted`: the `operationName` of the request, '' when there is only one operation. */
export function operationIn(text: string, wanted: string): string {
  const tokens = new Tokens(text);
  for (let word = tokens.next(); word !== ''; word = tokens.next()) {
    const isOperation = word === '{' || KINDS.has(word);
    if (!isOperation && word !== 'fragment') return '';
    const name = word === '{' ? '' : tokens.toSelection();
    const fields = isOperation && name === '' ? fieldsOf(tokens) : passOver(tokens);
    if (fields === undefined) return '';
    if (!isOperation || (wanted !== '' && name !== wanted)) continue;
    const kind = word === '{' ? 'query' : word;
    return `${kind} ${name === '' ? `{${shown(fields)}}` : name.slice(0, NAME_LIMIT)}`;
  }
  return '';
}

class Tokens {
  readonly #text: string;
  readonly #pattern = new RegExp(TOKEN);
  #isAtEnd = false;

  constructor(text: string) {
    this.#text = text;
  }

  /** '' at the end. */
  next(): string {
    // A pattern that has found nothing would begin anew.
    while (!this.#isAtEnd) {
      const token = this.#pattern.exec(this.#text)?.[0];
      if (token === undefined) this.#isAtEnd = true;
      else if (!token.startsWith('#')) return token;
    }
    return '';
  }

  /** Goes on behind the `{` of the selection; answers the name that was on the way. */
  toSelection(): string {
    let name = '';
    let isFirst = true;
    for (let token = this.next(); token !== '' && token !== '{'; token = this.next()) {
      if (isFirst && NAME.test(token)) name = token;
      if (token === '(') this.skip('(', ')');
      isFirst = false;
    }
    return name;
  }

  /** To behind the sign that closes what is open; false when it is not there. */
  skip(open: string, close: string): boolean {
    let depth = 1;
    for (let token = this.next(); token !== ''; token = this.next()) {
      if (token === open) depth++;
      if (token === close && --depth === 0) return true;
    }
    return false;
  }
}

function passOver(tokens: Tokens): ReadonlySet<string> | undefined {
  return tokens.skip('{', '}') ? new Set() : undefined;
}

/** The fields of the selection that has just been opened, aliases left out; undefined when it has no end. */
function fieldsOf(tokens: Tokens): ReadonlySet<string> | undefined {
  const fields = new Set<string>();
  let pending = '';
  for (let token = tokens.next(); token !== ''; token = tokens.next()) {
    if (token === ':') pending = '';
    else if (token === '(') tokens.skip('(', ')');
    else if (token === '@') tokens.next();
    else {
      if (pending !== '') fields.add(pending);
      pending = token === '...' ? `...${fragmentName(tokens)}` : '';
      if (NAME.test(token)) pending = token;
      if (token === '{') tokens.skip('{', '}');
      if (token === '}') return fields;
    }
  }
  return undefined;
}

/** Of `...Name`; of `... on Type {…}` the type. */
function fragmentName(tokens: Tokens): string {
  const name = tokens.next();
  return name === 'on' ? tokens.next() : NAME.test(name) ? name : '';
}

function shown(fields: ReadonlySet<string>): string {
  const names = [...fields].sort().map((name) => name.slice(0, NAME_LIMIT));
  const more = names.length - FIELD_LIMIT;
  return names.slice(0, FIELD_LIMIT).join(' ') + (more > 0 ? ` +${more}` : '');
}
