// A check as SARIF 2.1.0, which code hosts show beside the lines of a pull request. In: a report. Out: a SARIF log.
// Broken rules are errors at the call site; a rule that cannot be told is an open result at its line in the budget file.
// Spec: https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html

import { createHash } from 'node:crypto';
import type { Location, Log, ReportingDescriptor, Result } from 'sarif';

import type { CheckReport, CheckResult } from './check-report.ts';
import { endpointOf, fileAndLine, measuredOf } from './words.ts';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';

const RULES = [
  { id: 'budget/operations', shortDescription: { text: 'A request asks other programs too often' } },
  { id: 'budget/connections', shortDescription: { text: 'Requests open connections' } },
  { id: 'budget/findings', shortDescription: { text: 'A pattern that the budget excludes' } },
  { id: 'budget/time', shortDescription: { text: 'Requests take too long' } },
  { id: 'budget/requests', shortDescription: { text: 'Too few requests, or too many errors' } },
] as const satisfies readonly ReportingDescriptor[];

export function renderSarif(report: CheckReport, version: string): string {
  const log: Log = {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'wiretime', semanticVersion: version, rules: [...RULES] } },
        columnKind: 'utf16CodeUnits',
        results: report.results
          .filter(({ verdict }) => verdict !== 'kept')
          .map((result) => sarifResult(result, report)),
      },
    ],
  };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}

function sarifResult(result: CheckResult, report: CheckReport): Result {
  const ruleId = ruleOf(result);
  const isBroken = result.verdict === 'broken';
  const endpoint = endpointOf(result, report);
  const places = isBroken ? result.places.flatMap(({ callSite }) => locationAt(callSite)) : [];
  const [first = lineOf(report.budget, result.line), ...related] = places;
  return {
    ruleId,
    ruleIndex: RULES.findIndex(({ id }) => id === ruleId),
    ...(isBroken ? { kind: 'fail', level: 'error' } : { kind: 'open', level: 'none' }),
    message: { text: messageOf(result, endpoint) },
    locations: [first],
    ...(related.length === 0
      ? {}
      : { relatedLocations: related.map((place, id) => ({ ...place, id: id + 1 })) }),
    // Line numbers move; the rule of the endpoint stays.
    partialFingerprints: { 'budgetRule/v1': fingerprint(`${endpoint}\n${result.rule}`) },
  };
}

function ruleOf({ rule }: CheckResult): (typeof RULES)[number]['id'] {
  if (/^(mean )?(operations|calls of)\b/.test(rule)) return 'budget/operations';
  if (/^(mean )?new connections\b/.test(rule)) return 'budget/connections';
  if (/^findings\b/.test(rule)) return 'budget/findings';
  return /^(requests|errors)\b/.test(rule) ? 'budget/requests' : 'budget/time';
}

function messageOf(result: CheckResult, endpoint: string): string {
  const places = result.places.map(({ what }) => what).join('; ');
  const state = result.verdict === 'broken' ? measuredOf(result) : `cannot tell, ${measuredOf(result)}`;
  return `${endpoint}: ${result.rule}, but ${state}${places === '' ? '' : `. ${places}`}`;
}

function locationAt(callSite: string): readonly Location[] {
  const place = fileAndLine(callSite);
  return place === undefined ? [] : [lineOf(place.file, place.line)];
}

/** A relative path is relative to the top of the repository, as code hosts read it. */
function lineOf(file: string, line: number): Location {
  return {
    physicalLocation: { artifactLocation: { uri: uriOf(file) }, region: { startLine: Math.max(1, line) } },
  };
}

/** Half a surrogate pair in a path cannot be written in a URI at all. */
function uriOf(file: string): string {
  const path = file
    .replaceAll(/\p{Surrogate}/gu, '\ufffd')
    .replaceAll('\\', '/')
    .split('/')
    .map(encodeURIComponent)
    .join('/');
  if (path.startsWith('/')) return `file://${path}`;
  return /^[A-Z]%3A\//i.test(path) ? `file:///${path.replace('%3A', ':')}` : path.replace(/^\.\//, '');
}

function fingerprint(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
