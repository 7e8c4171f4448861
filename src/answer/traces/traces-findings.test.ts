// Findings in the list of traces, over a recording with a pool that is too small and a connection for every call.

import { after, before, test } from 'node:test';
import { deepEqual, equal, ok } from 'node:assert/strict';
import { openAnswers, type OpenAnswers } from '../../../test/contracts/open-answers.ts';
import { fullRecording } from '../../../test/pages/recording.ts';

let open: OpenAnswers;

before(async () => {
  open = await openAnswers(fullRecording());
});

after(() => open.close());

test('a list does not wait for findings, and has them once they are there', async () => {
  const early = await open.answers.traces({});
  equal(early.findings, undefined);
  ok(early.traces.every(({ findings }) => findings.length === 0));
  const { findings } = await open.answers.findings({});
  const late = await open.answers.traces({ limit: 1000 });
  deepEqual(
    late.findings?.map(({ id }) => id),
    findings.map(({ id }) => id),
  );
  ok(findings.length > 0);
  for (const { id, evidence } of findings)
    equal(late.traces.filter((row) => row.findings.includes(id)).length, evidence.requests);
});

test('a filter by finding: kind, id and words of its title; what it names are its requests', async () => {
  const { findings } = await open.answers.findings({});
  for (const { id, kind, title, evidence } of findings) {
    const counts = await Promise.all(
      [id, kind, title].map(async (text) => (await open.answers.traces({ q: `finding:"${text}"` })).total),
    );
    deepEqual(counts, [evidence.requests, evidence.requests, evidence.requests]);
  }
});

test('a finding that is not there is a sentence, and no request', async () => {
  const { total, problems } = await open.answers.traces({ q: 'finding:nonsense' });
  equal(total, 0);
  deepEqual(problems, ['finding: there is no open finding like nonsense in this time.']);
});
