// Names of GraphQL operations, whatever server answers them: Apollo, Yoga, Mercurius, graphql-http, Nest. In: what the client sent, as Node's
// request hands it to the application. Out: `query GetUser` at the end of the response. Names are the client's: only so many are told apart.
// Not here: what a document says (graphql-document.ts).

import { looksLikeDocument, operationIn } from './graphql-document.ts';

/** Longer bodies are not kept: the longest documents of real clients have 10-20 KB. */
const BODY_LIMIT = 32 * 1024;
/** Of a batch. */
const BATCH_LIMIT = 3;
/** A client may make up names as it likes. */
const NAME_LIMIT = 1000;

const CONTENT_TYPE = 'content-type';

const names = new Set<string>();

/** The body of a request that may be GraphQL, by reference, until its response has ended. */
export class RequestBody {
  readonly #chunks: (Buffer | string)[] = [];
  #length = 0;

  add(chunk: unknown): void {
    if (this.#length > BODY_LIMIT || (!Buffer.isBuffer(chunk) && typeof chunk !== 'string')) return;
    this.#length += chunk.length;
    this.#chunks.push(chunk);
    if (this.#length > BODY_LIMIT) this.#chunks.length = 0;
  }

  /** '' when it was not read, is too long, or cannot hold a document. */
  text(): string {
    const [first = ''] = this.#chunks;
    const text = this.#chunks.length < 2 ? String(first) : this.#chunks.map(String).join('');
    return text.includes('"query"') ? text : '';
  }
}

/** Where to keep the body of a request that may be GraphQL: JSON, sent with POST. `rawHeaders`: names and values in turn. */
export function bodyFor(method: string | undefined, rawHeaders: readonly string[]): RequestBody | undefined {
  if (method !== 'POST') return undefined;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.length !== CONTENT_TYPE.length) continue;
    if (rawHeaders[index]?.toLowerCase() !== CONTENT_TYPE) continue;
    return rawHeaders[index + 1]?.includes('json') === true ? new RequestBody() : undefined;
  }
  return undefined;
}

/** '' when it is no operation of GraphQL. `isGood`: the names of what a server refused are not remembered. */
export function graphqlOperation(
  request: object,
  target: string,
  body: RequestBody | undefined,
  isGood: boolean,
): string {
  const name = body === undefined ? operationInQuery(target) : operationInBody(request, body);
  if (name === '' || names.has(name)) return name;
  if (!isGood || names.size >= NAME_LIMIT) return name.slice(0, name.indexOf(' '));
  names.add(name);
  return name;
}

function operationInBody(request: object, body: RequestBody): string {
  const parsed: unknown = 'body' in request ? request.body : undefined;
  if (isObject(parsed)) return operationOf(parsed);
  const text = body.text();
  return text === '' ? '' : operationOf(fromJson(text));
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A request, or a list of such. */
function operationOf(sent: unknown): string {
  if (!Array.isArray(sent)) return isObject(sent) ? operationOfOne(sent) : '';
  const all = [...new Set(sent.slice(0, 100).map((each) => (isObject(each) ? operationOfOne(each) : '')))];
  if (all.length === 0 || all.includes('')) return '';
  const more = all.length - BATCH_LIMIT;
  return `batch ${all.slice(0, BATCH_LIMIT).join(', ')}${more > 0 ? ` +${more}` : ''}`;
}

function operationOfOne(sent: { readonly query?: unknown; readonly operationName?: unknown }): string {
  const { query, operationName } = sent;
  if (typeof query !== 'string' || !looksLikeDocument(query)) return '';
  return operationIn(query, typeof operationName === 'string' ? operationName : '');
}

function operationInQuery(url: string): string {
  const start = url.indexOf('?');
  if (start < 0 || url.length > BODY_LIMIT || !url.includes('query=', start)) return '';
  const parameters = new URLSearchParams(url.slice(start));
  return operationOfOne({
    query: parameters.get('query') ?? '',
    operationName: parameters.get('operationName') ?? '',
  });
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
