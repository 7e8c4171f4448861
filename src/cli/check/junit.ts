// A check as JUnit XML, the dialect that CI servers agree on: one suite for each endpoint, one case for each rule.
// In: a report. Out: XML. Broken is a failure, cannot tell is skipped. Only what the strictest of them allows
// (junit-10.xsd of Jenkins' xUnit plugin): no `skipped` of all suites, no `file` and `line` of a case.

import type { CheckReport, CheckResult } from './check-report.ts';
import { endpointOf, measuredOf, totalOf } from './words.ts';

export function renderJunit(report: CheckReport): string {
  const suites = new Map<string, CheckResult[]>();
  for (const result of report.results) {
    const name = endpointOf(result, report);
    suites.set(name, [...(suites.get(name) ?? []), result]);
  }
  const { broken, results } = report;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="wiretime check"${counts(results.length, broken)}>`,
    ...[...suites].map(([name, each]) => suite(name, each, report)),
    '</testsuites>',
    '',
  ].join('\n');
}

function counts(tests: number, failures: number): string {
  return ` tests="${tests}" failures="${failures}" errors="0"`;
}

function suite(name: string, results: readonly CheckResult[], report: CheckReport): string {
  const counted = (verdict: CheckResult['verdict']) =>
    results.filter((each) => each.verdict === verdict).length;
  return [
    `  <testsuite name=${quoted(name)}${counts(results.length, counted('broken'))} skipped="${counted('cannot-tell')}" time="0" file=${quoted(report.budget)}>`,
    ...results.map((result) => testCase(name, result, report)),
    '  </testsuite>',
  ].join('\n');
}

function testCase(name: string, result: CheckResult, report: CheckReport): string {
  const open = `    <testcase classname=${quoted(name)} name=${quoted(result.rule)} time="0"`;
  const message = quoted(`${result.rule}: ${measuredOf(result)}`);
  switch (result.verdict) {
    case 'kept':
      return `${open}/>`;
    case 'broken':
      return `${open}>\n      <failure type="budget" message=${message}>${escaped(details(result, report))}</failure>\n    </testcase>`;
    default:
      return `${open}>\n      <skipped message=${message}/>\n    </testcase>`;
  }
}

function details({ places, line }: CheckResult, report: CheckReport): string {
  const lines = places.map(({ what, callSite }) => (callSite === '' ? what : `${what}\n  at ${callSite}`));
  return [`${report.budget}:${line}`, ...(lines.length === 0 ? [totalOf(report)] : lines)].join('\n');
}

function quoted(text: string): string {
  return `"${escaped(text).replaceAll('\n', ' ')}"`;
}

/** What XML 1.0 does not allow at all becomes a replacement character (https://www.w3.org/TR/xml/#charsets). */
// oxlint-disable-next-line no-control-regex -- these are what a document must not contain
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu;

function escaped(text: string): string {
  return text
    .replaceAll(FORBIDDEN, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
