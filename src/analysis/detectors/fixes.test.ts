import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batchFix } from './fixes.ts';

const asked = { protocol: 'mysql', callSite: '/app/reports.py:11' } as const;

test('a loop of counts is one query with GROUP BY, a loop of rows is one for all of them', () => {
  const count = batchFix({
    ...asked,
    statement: 'SELECT count(*) AS n FROM tickets WHERE tickets.agent_id = ?',
  });
  assert.match(count, /over tickets with GROUP BY .* in a dict\.$/);
  const rows = batchFix({ ...asked, statement: 'SELECT subject FROM tickets WHERE id = ?' });
  assert.doesNotMatch(rows, /GROUP BY/);
  assert.match(rows, /WHERE id IN %s/);
});

test('without a line the language of the process is spoken, and both where nothing is known', () => {
  const read = { protocol: 'redis', callSite: '', statement: 'GET price:?' } as const;
  assert.match(batchFix({ ...read, language: 'python' }), /^Send the commands together: r\.mget/);
  assert.match(batchFix({ ...read, language: 'javascript' }), /^Send the commands together: mget/);
  assert.match(batchFix(read), /mGet, hmGet .* In Python: /);
});

test('rows of the list that are read once more lack a column in the list', () => {
  const again = { ...asked, statement: 'SELECT body FROM lessons WHERE id = ?' };
  assert.match(batchFix(again, 'lessons'), /leaves out what is used then.*only\(\) and defer\(\)/);
  assert.doesNotMatch(batchFix(again, 'courses'), /leaves out/);
  const below = { ...asked, statement: 'SELECT name FROM lessons WHERE parent_id = ?' };
  assert.doesNotMatch(batchFix(below, 'lessons'), /leaves out/);
});
