// A finding as Markdown, for an issue. In: the answer of its page, where wiretime is. Out: text. Names of foreign origin are code, so that
// nothing in them is markup. Pure.

import type { FindingAnswer } from '../../answer/api.ts';
import { formatCount, formatDuration, formatSignedShare } from '../../base/numbers.ts';
import { CONFIDENCE_WORDS, findingPath, kindName, withoutColumn } from './finding-words.ts';

/** Traces that are linked. */
const MOST_TRACES = 5;

export function findingMarkdown(answer: FindingAnswer, origin: string): string {
  const { finding } = answer;
  const { endpoint, service, callSite, statement, evidence } = finding;
  return [
    `## ${text(finding.title)}`,
    '',
    `**${kindName(finding)}**${callSite === '' ? '' : ` at ${code(withoutColumn(callSite))}`}, in ${code(`${endpoint.method} ${endpoint.route}`)} of ${code(service)}. ` +
      `Seen in ${formatCount(evidence.requests)} of ${formatCount(evidence.lookedAt)} requests that were looked at.`,
    ...(statement === '' ? [] : ['', block(statement, 'sql')]),
    '',
    `Fixing it is predicted to change all request time by **${formatSignedShare(-finding.share)}**. ${CONFIDENCE_WORDS[finding.confidence]}.`,
    '',
    ...effects(answer),
    ...measured(answer),
    '',
    '### How to fix',
    '',
    text(answer.howToFix.text),
    ...diff(answer),
    '',
    '### Evidence',
    '',
    `- The finding: ${origin}${findingPath(finding.id)}`,
    ...answer.evidence.traces
      .slice(0, MOST_TRACES)
      .map(
        ({ traceId, durationUs, count }) =>
          `- ${formatDuration(durationUs)}, ${formatCount(count)} ${text(answer.evidence.countName)}: ${origin}/trace/${encodeURIComponent(traceId)}`,
      ),
    '',
    '_Found by wiretime. Predictions are recalculated from recorded requests._',
    '',
  ].join('\n');
}

function effects({ finding }: FindingAnswer): string[] {
  return [
    '| Endpoint | p50 | p95 | saved per request |',
    '| --- | --- | --- | --- |',
    ...finding.effects.map(
      ({ method, route, p50, p95, meanUs }) =>
        `| ${code(`${method} ${route}`)} | ${change(p50.nowUs, p50.afterUs)} | ${change(p95.nowUs, p95.afterUs)} | ${formatDuration(meanUs)} |`,
    ),
  ];
}

function change(nowUs: number, afterUs: number): string {
  return `${formatDuration(nowUs)} → ${formatDuration(afterUs)}`;
}

function measured({ life: { verification, state } }: FindingAnswer): string[] {
  if (verification === undefined || state === 'verifying') return [];
  const p95 = (us: number | undefined) => (us === undefined ? 'n/a' : formatDuration(us));
  return [
    '',
    `After the change (${state}): p95 ${p95(verification.measured.p95Us)} measured on ${formatCount(verification.measured.requests)} requests, ${p95(verification.predicted.p95Us)} predicted, ${p95(verification.before.p95Us)} before.`,
  ];
}

function diff({ howToFix }: FindingAnswer): string[] {
  if (howToFix.diff.length === 0) return [];
  const signs = { remove: '-', add: '+', keep: ' ' } as const;
  return [
    '',
    block(howToFix.diff.map(({ kind, text: line }) => `${signs[kind]} ${line}`).join('\n'), 'diff'),
  ];
}

/** As it is read, whatever is in it: on one line, without markup. */
function text(value: string): string {
  return value.replace(/\s+/g, ' ').replace(/[\\`*_[\]<>|#~]/g, '\\$&');
}

/** A fence that is longer than any inside; pipes would end a cell of a table. */
function code(value: string): string {
  const line = value.replace(/\s+/g, ' ').replaceAll('|', '\\|');
  const fence = '`'.repeat(longestRun(line) + 1);
  return line.includes('`') ? `${fence} ${line} ${fence}` : fence + line + fence;
}

function block(value: string, language: string): string {
  const fence = '`'.repeat(Math.max(3, longestRun(value) + 1));
  return `${fence}${language}\n${value}\n${fence}`;
}

function longestRun(value: string): number {
  return Math.max(0, ...[...value.matchAll(/`+/g)].map(([run]) => run.length));
}
