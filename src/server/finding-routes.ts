// Findings over HTTP: lists, one of them, and what a person says about it. In: answers, how a range is read. Out: addresses of the
// interface. The only addresses that change anything: a page of another site must not be able to use them.

import type { Context, Hono, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { FindingAction } from '../answer/api.ts';
import type { Answers } from '../answer/answers.ts';
import type { AskRange } from './page-questions.ts';
import { parseReason } from './query.ts';

const UNKNOWN = 'There is no such finding.';
const ACTIONS: readonly FindingAction[] = ['verify', 'ignore', 'reopen'];
/** A reason and some JSON around it. */
const LARGEST_BODY = 4096;

interface FindingRoutes {
  readonly answers: Answers;
  readonly range: AskRange;
  /** Pages on other machines do not see source. */
  readonly showsSource: boolean;
}

export function addFindings(app: Hono, { answers, range, showsSource }: FindingRoutes): void {
  app.get('/api/findings/lists', async (context) =>
    answerOf(context, await answers.findingLists?.(await range(context))),
  );
  app.get('/api/finding/:id', async (context) => {
    const answer = await answers.finding?.(context.req.param('id'), await range(context));
    return answerOf(context, answer && (showsSource ? answer : { ...answer, source: undefined }));
  });
  app.post(
    '/api/finding/:id/:action',
    ownPagesOnly(),
    bodyLimit({
      maxSize: LARGEST_BODY,
      onError: (context) => context.json({ error: 'That is too long.' }, 413),
    }),
    async (context) => {
      const action = ACTIONS.find((each) => each === context.req.param('action'));
      if (action === undefined)
        return context.json({ error: 'A finding is verified, ignored or reopened.' }, 404);
      const reason = parseReason(await context.req.json().catch(() => undefined));
      return answerOf(context, await answers.actOnFinding?.(context.req.param('id'), action, reason));
    },
  );
}

function answerOf(context: Context, answer: object | undefined): Response {
  return answer === undefined ? context.json({ error: UNKNOWN }, 404) : context.json(answer);
}

/**
 * JSON has to be announced: then a browser asks first whether another site may send it, and gets no permission (CORS). Browsers also say
 * from where a request comes; programs that are not browsers say nothing.
 */
function ownPagesOnly(): MiddlewareHandler {
  return async (context, next) => {
    const from = context.req.header('sec-fetch-site') ?? 'none';
    const isJson = /^application\/json\b/i.test(context.req.header('content-type') ?? '');
    if (isJson && (from === 'same-origin' || from === 'none')) return next();
    return context.json({ error: 'Only pages of wiretime may change a finding.' }, 403);
  };
}
