// How to mend a finding. In: a finding. Out: words, and a sketch of the change where there is one way to do it.
// A sketch shows the idea: names are invented, nothing is read from the user's code. Not here: when to mend it (analysis/detectors/).

import type { Finding, FindingKind } from '../../model/finding.ts';
import type { HowToFix } from '../api.ts';

type Line = HowToFix['diff'][number];

/** `library`: what its process speaks the protocol with, '' when that is not known. */
export function howToFix(finding: Finding, library: string): HowToFix {
  const sketch = isWrite(finding) ? undefined : (isPython(finding) ? IN_PYTHON : IN_JAVASCRIPT)[finding.kind];
  return { text: finding.fix, library, diff: sketch === undefined ? [] : sketch(finding) };
}

/** Rows, jobs and messages: the words say how each library takes several of them. */
function isWrite({ kind, statement }: Finding): boolean {
  const isLoop = kind === 'n-plus-one' || kind === 'n-plus-one-calls';
  return isLoop && /^\s*(INSERT|UPDATE|DELETE|REPLACE|LPUSH|RPUSH|XADD|EVALSHA|publish)\b/i.test(statement);
}

function isPython({ callSite }: Finding): boolean {
  return /\.py:\d+/.test(callSite);
}

type Sketches = Partial<Record<FindingKind, (finding: Finding) => readonly Line[]>>;

const IN_PYTHON: Sketches = {
  'n-plus-one': () => [
    ...removed('for item in items:', '    row = fetch("… WHERE id = %s", [item.id])', '    use(item, row)'),
    ...added(
      'rows = fetch("… WHERE id = ANY(%s)", [[item.id for item in items]])',
      'by_id = {row.id: row for row in rows}',
      'for item in items:',
      '    use(item, by_id[item.id])',
    ),
  ],
  'n-plus-one-calls': ({ protocol }) =>
    protocol === 'redis'
      ? [...removed('values = [r.get(key) for key in keys]'), ...added('values = r.mget(keys)')]
      : [
          ...removed('results = [await ask(item) for item in items]'),
          ...added('results = await asyncio.gather(*(ask(item) for item in items))'),
        ],
  'duplicate-call': () => [
    ...removed('first = load(id)', 'again = load(id)'),
    ...added('first = again = load(id)'),
  ],
  'sequential-calls': () => [
    ...removed('first = await ask_first()', 'second = await ask_second()'),
    ...added('first, second = await asyncio.gather(ask_first(), ask_second())'),
  ],
  'blocked-loop': () => [
    ...removed('result = work(data)'),
    ...added('result = await loop.run_in_executor(processes, work, data)  # a ProcessPoolExecutor'),
  ],
};

const IN_JAVASCRIPT: Sketches = {
  'n-plus-one': ({ protocol }) => [
    ...removed(
      'for (const item of items) {',
      "  const row = await query('… WHERE id = …', [item.id]);",
      '  use(item, row);',
      '}',
    ),
    ...added(
      protocol === 'mysql'
        ? "const rows = await query('… WHERE id IN (?)', [items.map((item) => item.id)]);"
        : "const rows = await query('… WHERE id = ANY($1)', [items.map((item) => item.id)]);",
      'const byId = new Map(rows.map((row) => [row.id, row]));',
      'for (const item of items) use(item, byId.get(item.id));',
    ),
  ],
  'n-plus-one-calls': ({ protocol }) =>
    protocol === 'redis'
      ? [
          ...removed('for (const key of keys) values.push(await redis.get(key));'),
          ...added('const values = await redis.mGet(keys);'),
        ]
      : [
          ...removed('for (const item of items) results.push(await ask(item));'),
          ...added('const results = await Promise.all(items.map((item) => ask(item)));'),
        ],
  'duplicate-call': () => [
    ...removed('const again = await load(id);'),
    ...added('const again = request.loaded ??= await load(id);'),
  ],
  'sequential-calls': () => [
    ...removed('const first = await askFirst();', 'const second = await askSecond();'),
    ...added('const [first, second] = await Promise.all([askFirst(), askSecond()]);'),
  ],
  'blocked-loop': () => [
    ...removed('const result = workSync(input);'),
    ...added('const result = await work(input);'),
  ],
};

function removed(...texts: readonly string[]): Line[] {
  return texts.map((text) => ({ kind: 'remove', text }));
}

function added(...texts: readonly string[]): Line[] {
  return texts.map((text) => ({ kind: 'add', text }));
}
