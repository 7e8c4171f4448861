// What `wiretime diff` and `wiretime check` ask of a recording that is still being made. In: answers, how a range is read. Out: addresses of
// the interface.

import type { Hono } from 'hono';
import type { Answers } from '../answer/answers.ts';
import type { AskRange } from './page-questions.ts';

export function addSides(app: Hono, answers: Answers, range: AskRange): void {
  app.get('/api/side', async (context) => context.json(await answers.comparisonSide(await range(context))));
  app.get('/api/uses', async (context) => {
    const question = { range: await range(context), patterns: context.req.queries('pattern') ?? [] };
    const uses = await answers.endpointUses(question, context.req.query('findings') === '1');
    return context.json(uses.map((use) => ({ ...use, calls: [...use.calls] })));
  });
}
