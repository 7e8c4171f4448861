// The questions of the pages behind Home, as asked over HTTP. In: answers, how a range is read. Out: addresses of the interface.
// Not here: Home, traces, status (routes.ts).

import type { Context, Hono } from 'hono';
import type { Range } from '../answer/api.ts';
import { encodeColumns } from '../model/request-columns.ts';
import type { Answers } from '../answer/answers.ts';
import { parseEndpoint, parsePool, parseWindow } from './query.ts';

export type AskRange = (context: Context) => Promise<Range>;

/** Questions whose answer is JSON, by their name in the address. */
export function pageQuestions(answers: Answers, range: AskRange) {
  return {
    endpoint: async (context: Context) =>
      answers.endpoint(parseEndpoint(context.req.query()), await range(context)),
    search: async (context: Context) => answers.search(await range(context)),
    map: async (context: Context) => answers.map(await range(context)),
    connections: async (context: Context) => answers.connections(await range(context)),
  };
}

const NO_LINE = 'Nobody waits in line for these connections in this time.';
const NO_POOL = 'There were no calls between these two in this time.';

/** One pool: an overview of the range, and what is in a visible window. */
export function addPool(app: Hono, answers: Answers, range: AskRange): void {
  app.get('/api/connections/pool', async (context) => {
    const answer = await answers.pool(parsePool(context.req.query()), await range(context));
    return answer === undefined ? context.json({ error: NO_POOL }, 404) : context.json(answer);
  });
  app.get('/api/connections/what-if', async (context) => {
    const answer = await answers.poolWhatIf(parsePool(context.req.query()), await range(context));
    return answer === undefined ? context.json({ error: NO_LINE }, 404) : context.json(answer);
  });
  app.get('/api/connections/window', async (context) => {
    const query = context.req.query();
    return context.json(await answers.poolWindow(parsePool(query), parseWindow(query)));
  });
}

/** Columns travel as bytes: 50 000 requests as JSON would take a second to read. */
export function addColumns(app: Hono, answers: Answers, range: AskRange): void {
  app.get('/api/endpoint/requests', async (context) => {
    const name = parseEndpoint(context.req.query());
    const bytes = encodeColumns(await answers.endpointRequests(name, await range(context)));
    return context.body(bytes, 200, { 'content-type': 'application/octet-stream' });
  });
}

const NO_OPERATION = 'This operation is no longer stored.';

/** What the details of a trace ask for. Pages on other machines do not see source. */
export function addOperation(app: Hono, answers: Answers, range: AskRange, showsSource: boolean): void {
  app.get('/api/operation/:id', async (context) => {
    const id = Number(context.req.param('id'));
    const answer = Number.isSafeInteger(id) ? await answers.operation(id, await range(context)) : undefined;
    if (answer === undefined) return context.json({ error: NO_OPERATION }, 404);
    return context.json(showsSource ? answer : { ...answer, source: undefined });
  });
}
