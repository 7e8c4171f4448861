// /api/export over a real store: the same text as written without a server, and a sentence when it cannot be.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openAnswers } from '../../test/contracts/open-answers.ts';
import { traceIdOf } from '../../test/contracts/store-rows.ts';
import { fullRecording } from '../../test/pages/recording.ts';
import { EXPORT_FORMATS } from '../interop/formats.ts';
import { startServer } from './server.ts';

test('each format over HTTP is what is written without it, a trace and a range, too', async () => {
  const { answers, close } = await openAnswers(fullRecording());
  const server = await startServer({ answers, port: 0, uiFolder: 'none' });
  const traceId = traceIdOf(20);
  for (const { key, extension, write } of EXPORT_FORMATS)
    for (const question of [{}, { traceId }, { from: 0, to: 1000 }]) {
      const pieces: string[] = [];
      for await (const piece of write(await answers.exportRows(question))) pieces.push(piece);
      const { traceId: trace, ...range } = { traceId: undefined, ...question };
      const query = new URLSearchParams(
        Object.entries({ format: key, trace, ...range }).flatMap(([name, value]) =>
          value === undefined ? [] : [[name, String(value)]],
        ),
      );
      const response = await fetch(`${server.url}/api/export?${query}`);
      assert.equal(await response.text(), pieces.join(''), `${key} ${query}`);
      assert.match(
        response.headers.get('content-disposition') ?? '',
        new RegExp(`^attachment; filename="[\\w.-]+\\.${extension}"$`),
      );
    }
  await server.close();
  await close();
});

test('an unknown format, and a trace that is gone', async () => {
  const { answers, close } = await openAnswers(fullRecording());
  const server = await startServer({ answers, port: 0, uiFolder: 'none' });
  const formats = EXPORT_FORMATS.map(({ key }) => key).join(', ');
  for (const [query, status, error] of [
    ['', 400, `format must be ${formats}.`],
    ['format=xml', 400, `format must be ${formats}.`],
    ['format=otlp&range=never', 400, undefined],
    ['format=otlp&trace=%22%0d%0aset-cookie:x', 404, 'This request is no longer stored.'],
  ] as const) {
    const response = await fetch(`${server.url}/api/export?${query}`);
    assert.equal(response.status, status, query);
    const body = (await response.json()) as { readonly error: string };
    if (error !== undefined) assert.equal(body.error, error);
  }
  await server.close();
  await close();
});
