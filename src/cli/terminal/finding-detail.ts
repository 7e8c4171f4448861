// One finding with all that is known of it. In: the answer of its page. Out: lines: what, how much, where, how to mend it, the evidence,
// what has become of it. Everything is predicted unless it says measured.

import type { FindingAnswer, SourcePlace, TraceListRow } from '../../answer/api.ts';
import { formatCount, formatDuration, formatShare, formatSignedShare } from '../../base/numbers.ts';
import { FINDING_STATES, type FindingEffect } from '../../model/finding.ts';
import { canvasFor, printed, type Canvas } from './canvas.ts';
import { kindOf, predicted } from './findings.ts';
import { lifeWords } from './finding-lists.ts';
import { fileLink } from './link.ts';
import { wrap } from './sentence.ts';
import { cut, left, right, safe, widthOf } from './text.ts';
import type { TerminalTraits } from './traits.ts';

const TRACES_SHOWN = 5;
const EFFECTS_SHOWN = 8;
const LINES_AROUND = 3;

/** `hasLinks`: the terminal opens places in the code. */
export function renderFinding(answer: FindingAnswer, traits: TerminalTraits, hasLinks: boolean): string {
  const canvas = canvasFor(traits);
  return printed(
    [
      ...headLines(answer, canvas),
      ...whereLines(answer, hasLinks, canvas),
      ...fixLines(answer, canvas),
      ...effectLines(answer, canvas),
      ...evidenceLines(answer, canvas),
      ...historyLines(answer, canvas),
    ],
    canvas,
  );
}

function headLines(answer: FindingAnswer, { traits, paint }: Canvas): readonly string[] {
  const { finding, life, isSeen } = answer;
  const share = paint.tone('accent', formatSignedShare(-finding.share));
  const seen = isSeen ? '' : ', not seen in this time';
  const state = lifeWords(life) || 'open';
  return [
    ...wrap([{ text: finding.title, isStrong: true }], traits.width, paint),
    `${share} of all request time, ${kindOf(finding)}  ${paint.weak(finding.id)}`,
    ...wrap([{ text: `State: ${state}${seen}.` }], traits.width, paint),
    '',
    ...wrap([{ text: predicted(finding) }, { text: ' ' }, ...answer.second], traits.width, paint),
  ];
}

function whereLines(
  { finding, source }: FindingAnswer,
  hasLinks: boolean,
  canvas: Canvas,
): readonly string[] {
  const { traits, paint } = canvas;
  const { endpoint, statement, callSite, dependency } = finding;
  const place = cut(safe(callSite === '' ? 'place in the code not seen' : callSite), traits.width - 2);
  const linked = hasLinks && source !== undefined ? fileLink(place, source.absolutePath) : place;
  const request = `${endpoint.method} ${endpoint.route} of ${endpoint.service}`;
  return [
    '',
    paint.strong('Where'),
    `  ${linked}`,
    ...[request, statement, dependency === '' ? '' : `asks ${dependency}`]
      .filter((text) => text !== '')
      .map((text) => `  ${paint.weak(cut(safe(text), traits.width - 2))}`),
    ...(source === undefined ? [] : sourceLines(source, canvas)),
  ];
}

function sourceLines(
  { firstLine, lines, line: wanted, calls, isChanged }: SourcePlace,
  { traits, paint }: Canvas,
) {
  const digits = String(firstLine + lines.length).length;
  const shown = lines.map((text, index) => ({ text, line: firstLine + index }));
  const near = shown.filter(({ line }) => Math.abs(line - wanted) <= LINES_AROUND);
  const changed = isChanged
    ? [paint.tone('warn', '  The file has changed since: lines may have moved.')]
    : [];
  return [
    ...changed,
    ...near.map(({ text, line }) => {
      const call = calls.find((each) => each.line === line);
      const cost = call === undefined ? '' : formatDuration(call.usPerRequest);
      const row = `${line === wanted ? '>' : ' '} ${right(cost, 8)} ${right(String(line), digits)}  `;
      const code = cut(safe(text), traits.width - widthOf(row) - 1);
      return line === wanted ? paint.strong(`${row}${code}`) : `${paint.weak(row)}${code}`;
    }),
  ];
}

function fixLines({ howToFix }: FindingAnswer, { traits, paint }: Canvas): readonly string[] {
  const signs = { remove: '-', add: '+', keep: ' ' } as const;
  return [
    '',
    paint.strong('How to fix'),
    ...wrap([{ text: howToFix.text }], traits.width - 2, paint).map((line) => `  ${line}`),
    ...howToFix.diff.map(({ kind, text }) => {
      const line = cut(`    ${signs[kind]} ${safe(text)}`, traits.width);
      if (kind === 'keep') return line;
      return paint.tone(kind === 'add' ? 'accent' : 'bad', line);
    }),
  ];
}

/** Columns: endpoint, requests, p50 and p95 now and after, saved. */
function effectLines({ finding }: FindingAnswer, { traits, paint }: Canvas): readonly string[] {
  const name = traits.width - 2 - 2 * 22 - 11;
  const change = ({ nowUs, afterUs }: FindingEffect['p50']) =>
    right(`${formatDuration(nowUs)} → ${formatDuration(afterUs)}`, 22);
  const more = finding.effects.length - EFFECTS_SHOWN;
  return [
    '',
    paint.strong(left('Effect', name + 2)) +
      paint.weak(right('p50', 22) + right('p95', 22) + right('saved', 11)),
    ...finding.effects
      .slice(0, EFFECTS_SHOWN)
      .map(
        (effect) =>
          `  ${left(safe(`${effect.method} ${effect.route}`), name)}${change(effect.p50)}${change(effect.p95)}${right(formatDuration(effect.meanUs), 11)}`,
      ),
    ...(more > 0 ? [paint.weak(`  ${formatCount(more)} more`)] : []),
  ];
}

function evidenceLines({ evidence }: FindingAnswer, { traits, paint }: Canvas): readonly string[] {
  const { requests, lookedAt, traces, countName } = evidence;
  const share = lookedAt === 0 ? '' : ` (${formatShare(requests / lookedAt)})`;
  const seen = `Seen in ${formatCount(requests)} of ${formatCount(lookedAt)} requests that were looked at${share}.`;
  const row = ({ traceId, durationUs, count }: TraceListRow & { readonly count: number }) =>
    cut(
      `  wiretime trace ${safe(traceId)}  ${right(formatDuration(durationUs), 9)}  ${formatCount(count)} ${countName}`,
      traits.width,
    );
  return ['', paint.strong('Evidence'), `  ${seen}`, ...traces.slice(0, TRACES_SHOWN).map(row)];
}

function historyLines({ life }: FindingAnswer, { traits, paint }: Canvas): readonly string[] {
  if (life.history.length < 2) return [];
  const lines = life.history.map(({ state, at, isByPerson, note }) => {
    const name = FINDING_STATES.find(({ key }) => key === state)?.name ?? state;
    const who = isByPerson ? 'said by you' : 'seen by wiretime';
    const why = note === '' ? '' : `: ${safe(note)}`;
    return cut(
      `  ${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC  ${name}, ${who}${why}`,
      traits.width,
    );
  });
  return ['', paint.strong('So far'), ...lines];
}
