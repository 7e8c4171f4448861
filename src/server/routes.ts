// The whole HTTP interface on one page. In: answers, a folder with the pages. Out: a hono app.
// Not here: listening (server.ts), what a range means (query.ts), who may ask (guard.ts).

import { Hono, type Context } from 'hono';
import { compress } from 'hono/compress';
import { stream, streamSSE } from 'hono/streaming';
import type { Answers } from '../answer/answers.ts';
import { addExport } from './export-route.ts';
import { addFindings } from './finding-routes.ts';
import { contentPolicy, loopbackNamesOnly, securityHeaders, tokenRequired } from './guard.ts';
import { LiveData } from './live.ts';
import { addColumns, addOperation, addPool, pageQuestions, type AskRange } from './page-questions.ts';
import { addSides } from './side-routes.ts';
import { dataBlock, modulesOf, preloadOf, readAsset, readPage } from './pages.ts';
import { encodeTrace } from '../model/trace-columns.ts';
import { parseRange, parseTracesFilter, QueryError } from './query.ts';

export interface RoutesOptions {
  readonly answers: Answers;
  readonly uiFolder: string;
  /** Refuse every Host but the names of this machine's loopback. */
  readonly loopbackOnly: boolean;
  readonly token: string | undefined;
  /** ms since 1970. */
  readonly now: () => number;
}

/** A comment line keeps proxies and the browser from giving up on a quiet stream. */
const KEEP_ALIVE_MS = 15_000;
const GONE = 'This request is no longer stored.';
const MISSING_PAGES = 'The pages are not built. Run npm run build.';
/** A trace as bytes (model/trace-columns.ts): 100 000 operations as JSON would take seconds to write and to read. */
const columnsPath = (id: string): string => `/api/trace/${encodeURIComponent(id)}?as=columns`;
const YEAR_IMMUTABLE = 'public, max-age=31536000, immutable';

export function createApp(options: RoutesOptions): { readonly app: Hono; readonly live: LiveData } {
  const app = new Hono();
  const live = new LiveData(() => options.answers.status());
  app.use(securityHeaders());
  if (options.loopbackOnly) app.use(loopbackNamesOnly());
  if (options.token !== undefined) app.use(tokenRequired(options.token));
  // Not pages: what compresses holds back their beginning until it has seen enough. Files are kept compressed (pages.ts).
  app.use('/api/*', compress());
  const questions = createQuestions(options);
  addApi(app, options.answers, questions, live);
  const range: AskRange = (context) => parseRange(context.req.query(), rangeEnd(options));
  addColumns(app, options.answers, range);
  addPool(app, options.answers, range);
  addExport(app, options.answers, range);
  addOperation(app, options.answers, range, options.loopbackOnly);
  addSides(app, options.answers, range);
  addFindings(app, { answers: options.answers, range, showsSource: options.loopbackOnly });
  app.get('/api/*', (context) => context.json({ error: 'There is no such address.' }, 404));
  addPages(app, questions, options.uiFolder);
  app.onError((error, context) =>
    error instanceof QueryError
      ? context.json({ error: error.message }, 400)
      : context.json({ error: `wiretime could not answer: ${error.message}` }, 500),
  );
  return { app, live };
}

/** A question as asked over HTTP: the context has the query. undefined: there is no such thing. */
type Question = (context: Context) => Promise<unknown>;
type Questions = Readonly<
  Record<
    'home' | 'findings' | 'traces' | 'status' | 'report' | keyof ReturnType<typeof pageQuestions>,
    Question
  >
>;

/** Relative ranges end now, or with the last request of a saved recording. */
function rangeEnd({ answers, now }: RoutesOptions): () => Promise<number> {
  return async () => {
    const { isLive, lastRequestAt } = await answers.status();
    return isLive ? now() : (lastRequestAt ?? now());
  };
}

function createQuestions(options: RoutesOptions): Questions {
  const { answers } = options;
  const end = rangeEnd(options);
  const range: AskRange = (context) => parseRange(context.req.query(), end);
  const filter = (context: Context) => parseTracesFilter(context.req.query(), end);
  return {
    home: async (context) => answers.home(await range(context)),
    findings: async (context) => answers.findings(await range(context)),
    traces: async (context) => answers.traces(await filter(context)),
    status: () => answers.status(),
    report: async (context) => answers.report(await range(context)),
    ...pageQuestions(answers, range),
  };
}

const JSON_QUESTIONS = [
  'home',
  'findings',
  'traces',
  'status',
  'report',
  'endpoint',
  'search',
  'map',
  'connections',
] as const;

function addApi(app: Hono, answers: Answers, questions: Questions, live: LiveData): void {
  app.use('/api/*', async (context, next) => {
    await next();
    context.res.headers.set('cache-control', 'no-store');
  });
  for (const name of JSON_QUESTIONS)
    app.get(`/api/${name}`, async (context) => context.json(await questions[name](context)));
  app.get('/api/trace/:id', async (context) => {
    const trace = await answers.trace(context.req.param('id'));
    if (trace === undefined) return context.json({ error: GONE }, 404);
    if (context.req.query('as') !== 'columns') return context.json(trace);
    return context.body(encodeTrace(trace), 200, { 'content-type': 'application/octet-stream' });
  });
  app.get('/api/under-way', async (context) =>
    context.json(await answers.underWay(context.req.query('trace'))),
  );
  app.get('/api/live', (context) => events(context, live));
}

function events(context: Context, live: LiveData): Response {
  return streamSSE(context, async (sent) => {
    const stop = live.listen(() => void sent.writeSSE({ event: 'data', data: '' }));
    sent.onAbort(stop);
    while (!sent.aborted) {
      await sent.write(': alive\n\n');
      await sent.sleep(KEEP_ALIVE_MS);
    }
  });
}

function addPages(app: Hono, questions: Questions, uiFolder: string): void {
  /** The frame is sent at once: it is on the screen, and scripts are on their way, while the answer is looked for. */
  const page = (question?: Question, preload?: (context: Context) => string) => async (context: Context) => {
    context.header('cache-control', 'no-store');
    const parts = readPage(uiFolder);
    if (parts === undefined) return context.text(MISSING_PAGES, 500);
    context.header('content-type', 'text/html; charset=utf-8');
    context.header('content-security-policy', contentPolicy(parts.hashes));
    const modules = modulesOf(uiFolder, context.req.path);
    return stream(context, async (sent) => {
      await sent.write(parts.before + modules + (preload?.(context) ?? ''));
      const ask = (asked?: Question) => asked?.(context).catch(() => undefined);
      const [status, answer] = await Promise.all([ask(questions.status), ask(question)]);
      if (status !== undefined) await sent.write(dataBlock({ status, answer }));
      await sent.write(parts.after);
    });
  };
  app.get('/', page(questions.home));
  app.get('/traces', page(questions.traces));
  app.get(
    '/trace/:id',
    page(undefined, (context) => preloadOf(columnsPath(context.req.param('id') ?? ''))),
  );
  app.get('/assets/:name', async (context) => {
    const file = readAsset(uiFolder, context.req.param('name'));
    if (file === undefined) return context.json({ error: 'There is no such file.' }, 404);
    const { body, gzipped, type } = file;
    const headers = { 'content-type': type, 'cache-control': YEAR_IMMUTABLE, vary: 'accept-encoding' };
    if (gzipped === undefined || !/\bgzip\b/.test(context.req.header('accept-encoding') ?? ''))
      return context.body(body, 200, headers);
    return context.body(gzipped, 200, { ...headers, 'content-encoding': 'gzip' });
  });
  app.get('/favicon.ico', (context) => context.body(null, 204));
  app.get('*', page());
}
