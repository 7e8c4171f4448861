// JUnit and SARIF as machines read them. The rules are those of junit-10.xsd (Jenkins' xUnit plugin) and of sarif-schema-2.1.0.json (OASIS), written
// down by hand; texts are as bad as they can be.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';

import type { CheckReport, CheckResult } from './check-report.ts';
import { renderJunit } from './junit.ts';
import { renderSarif } from './sarif.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(
    '',
    '<a b="c">&amp;\u0000]]>',
    'C:\\app\\x.js:3:1',
    './a b/ü.js:0',
    '/srv/app.js:12:5',
    '\ud800',
  ),
);
const place = fc.record({ what: text, callSite: text });
const result: fc.Arbitrary<CheckResult> = fc.record({
  verdict: fc.constantFrom('kept', 'broken', 'cannot-tell'),
  service: text,
  method: text,
  route: text,
  rule: fc.oneof(
    text,
    fc.constantFrom('operations ≤ 6', 'mean new connections ≤ 1', 'findings: none', 'errors = 0'),
  ),
  line: fc.nat(),
  sign: fc.constant('≤'),
  limit: fc.nat(),
  measured: fc.option(fc.double({ min: 0, noNaN: true, noDefaultInfinity: true })),
  unit: fc.constantFrom('count', 'ms', 'share'),
  reason: text,
  places: fc.array(place, { maxLength: 3 }),
});
const report: fc.Arbitrary<CheckReport> = fc
  .tuple(fc.array(result, { maxLength: 5 }), text)
  .map(([results, budget]) => {
    const counted = (verdict: string) => results.filter((each) => each.verdict === verdict).length;
    const [kept, broken, cannotTell] = [counted('kept'), counted('broken'), counted('cannot-tell')];
    return { schema: 'wiretime.check/1', budget, verdict: 'kept', kept, broken, cannotTell, results };
  });

/** Attributes that an element must have, then those that it may have; and what may be in it. */
const ELEMENTS: Readonly<Record<string, { must: string[]; may: string[]; holds: string[] }>> = {
  '': { must: [], may: [], holds: ['testsuites'] },
  testsuites: { must: [], may: ['name', 'time', 'tests', 'failures', 'errors'], holds: ['testsuite'] },
  testsuite: {
    must: ['name', 'tests', 'failures', 'errors'],
    may: [
      'group',
      'time',
      'skipped',
      'timestamp',
      'hostname',
      'id',
      'package',
      'file',
      'log',
      'url',
      'version',
    ],
    holds: ['testcase'],
  },
  testcase: { must: ['name'], may: ['time', 'classname', 'group'], holds: ['failure', 'skipped', 'error'] },
  failure: { must: [], may: ['type', 'message'], holds: [] },
  skipped: { must: [], may: ['type', 'message'], holds: [] },
};
const TOKEN =
  /<\/(\w+)>|<(\w+)((?: \w+="[^"<&]*(?:&(?:lt|gt|amp|quot);[^"<&]*)*")*)(\/?)>|[^<&]+|&(?:lt|gt|amp|quot);/gy;
/** https://www.w3.org/TR/xml/#charsets */
const XML_TEXT = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;

/** How many there are of each element. */
function readXml(xml: string): Map<string, number> {
  const head = '<?xml version="1.0" encoding="UTF-8"?>\n';
  assert.ok(xml.startsWith(head) && XML_TEXT.test(xml), 'a text of XML 1.0');
  const open = [''];
  const counts = new Map<string, number>();
  let end = head.length;
  TOKEN.lastIndex = end;
  for (let token = TOKEN.exec(xml); token !== null; token = TOKEN.exec(xml)) {
    end = TOKEN.lastIndex;
    const [, closed, name, attributes = '', isEmpty] = token;
    if (closed !== undefined) assert.equal(open.pop(), closed);
    if (name === undefined) continue;
    assert.ok(ELEMENTS[open.at(-1) ?? '']?.holds.includes(name), `${name} in ${open.at(-1)}`);
    const names = [...attributes.matchAll(/ (\w+)="/g)].map(([, each = '']) => each);
    const { must = [], may = [] } = ELEMENTS[name] ?? {};
    assert.deepEqual(
      names.filter((each) => ![...must, ...may].includes(each)),
      [],
    );
    assert.ok(must.every((each) => names.includes(each)) && new Set(names).size === names.length, xml);
    counts.set(name, (counts.get(name) ?? 0) + 1);
    if (isEmpty === '') open.push(name);
  }
  assert.equal(end, xml.length, `not XML from ${xml.slice(end, end + 60)} on`);
  assert.deepEqual(open, ['']);
  return counts;
}

test('JUnit: any report is XML that the strictest schema allows, with a case for each rule', () => {
  fc.assert(
    fc.property(report, (each) => {
      const counts = readXml(renderJunit(each));
      assert.equal(counts.get('testcase') ?? 0, each.results.length);
      assert.equal(counts.get('failure') ?? 0, each.broken);
      assert.equal(counts.get('skipped') ?? 0, each.cannotTell);
    }),
  );
});

test('SARIF: any report is a log that the schema allows', () => {
  fc.assert(
    fc.property(report, (each) => {
      const { $schema, version, runs, ...rest } = JSON.parse(renderSarif(each, '1.2.3'));
      assert.deepEqual([version, Object.keys(rest), runs.length], ['2.1.0', [], 1]);
      assert.match($schema, /^https:/);
      const [{ tool, results, columnKind }] = runs;
      assert.ok(['utf16CodeUnits', 'unicodeCodePoints'].includes(columnKind));
      const rules = tool.driver.rules.map(({ id }: { id: string }) => id);
      assert.equal(new Set(rules).size, rules.length);
      assert.equal(results.length, each.broken + each.cannotTell);
      for (const one of results) checkResult(one, rules);
    }),
  );
});

/** §3.27 of the specification. */
function checkResult(one: SarifResult, rules: readonly string[]): void {
  assert.equal(rules[one.ruleIndex], one.ruleId);
  assert.ok(one.message.text.length > 0);
  assert.ok(one.kind === 'fail' ? one.level === 'error' : one.kind === 'open' && one.level === 'none');
  assert.equal(one.locations.length, 1);
  for (const { physicalLocation } of [...one.locations, ...(one.relatedLocations ?? [])]) {
    const { uri } = physicalLocation.artifactLocation;
    assert.match(
      uri,
      /^(?:file:\/\/\/(?:[A-Za-z]:)?)?(?:[\w!'()*~./-]|%[\dA-F]{2})*$/,
      'a URI reference (RFC 3986)',
    );
    assert.ok(Number.isInteger(physicalLocation.region.startLine) && physicalLocation.region.startLine >= 1);
  }
  const ids = (one.relatedLocations ?? []).map(({ id }) => id);
  assert.ok(new Set(ids).size === ids.length && ids.every((id) => Number.isInteger(id)));
  for (const value of Object.values(one.partialFingerprints)) assert.match(value, /^[\da-f]{32}$/);
}

interface SarifPlace {
  readonly id?: number;
  readonly physicalLocation: {
    readonly artifactLocation: { readonly uri: string };
    readonly region: { readonly startLine: number };
  };
}

interface SarifResult {
  readonly ruleId: string;
  readonly ruleIndex: number;
  readonly kind: string;
  readonly level: string;
  readonly message: { readonly text: string };
  readonly locations: readonly SarifPlace[];
  readonly relatedLocations?: readonly SarifPlace[];
  readonly partialFingerprints: Readonly<Record<string, string>>;
}
