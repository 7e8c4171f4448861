// Data for other programs, over HTTP. In: answers, how a range is read. Out: one address whose answer is written while it is read, however
// large it is.

import type { Context, Hono } from 'hono';
import { stream } from 'hono/streaming';
import type { Answers } from '../answer/answers.ts';
import { EXPORT_FORMATS, formatNamed } from '../interop/formats.ts';
import type { AskRange } from './page-questions.ts';

const FORMATS = `format must be ${EXPORT_FORMATS.map(({ key }) => key).join(', ')}.`;
const GONE = 'This request is no longer stored.';

export function addExport(app: Hono, answers: Answers, range: AskRange): void {
  app.get('/api/export', async (context) => {
    const format = formatNamed(context.req.query('format') ?? '');
    if (format === undefined) return context.json({ error: FORMATS }, 400);
    const traceId = context.req.query('trace')?.toLowerCase();
    const rows = await answers.exportRows({
      ...(await range(context)),
      ...(traceId !== undefined && { traceId }),
      isWithoutOperations: format.isWithoutOperations ?? false,
    });
    if (traceId !== undefined && rows.requests === 0) return context.json({ error: GONE }, 404);
    context.header('content-type', format.mediaType);
    context.header('content-disposition', `attachment; filename="${nameOf(context, format.extension)}"`);
    return stream(context, async (sent) => {
      for await (const text of format.write(rows)) {
        if (sent.aborted) return;
        await sent.write(text);
      }
    });
  });
}

/** Only letters and digits of what was asked reach the header. */
function nameOf(context: Context, extension: string): string {
  const { format = '', trace } = context.req.query();
  const what = trace === undefined ? 'recording' : `trace-${trace.slice(0, 12)}`;
  return `${what}-${format}.${extension}`.replaceAll(/[^\w.-]/g, '');
}
