// What `wiretime doctor` prints. In: checks, and the status of a recording when there is one. Out: text.
// Not here: the checks themselves (commands/doctor.ts).

import type { Diagnosis } from '../doctor/explain.ts';
import type { Coverage, ProcessStatus, StatusAnswer } from '../../answer/api.ts';
import { counted, formatCount } from '../../base/numbers.ts';
import { coreWaitSentence } from '../../model/core-wait.ts';
import { ownCodeSentence } from '../../model/own-code.ts';
import { agentCostSentence, collectionSentence } from '../../model/told-cpu.ts';
import { canvasFor, printed, type Canvas } from './canvas.ts';
import { unseenSentence } from './coverage.ts';
import { equationsOf, type Equation } from './equations.ts';
import { wrap } from './sentence.ts';
import { left, right, safe } from './text.ts';
import type { TerminalTraits } from './traits.ts';

export interface Check {
  readonly name: string;
  readonly result: 'ok' | 'failed' | 'skipped';
  readonly detail: string;
}

/** Everything that was found out. */
export interface Examination {
  readonly checks: readonly Check[];
  /** Of the program that was looked at, or of the running wiretime. */
  readonly processes: readonly Diagnosis[];
  /** Of the recording in the data folder. */
  readonly status: StatusAnswer | undefined;
  readonly isWell: boolean;
}

/** Schema `wiretime.doctor/1`, documented in docs/doctor.md. */
export function doctorJson({ checks, processes, status, isWell }: Examination): string {
  return `${JSON.stringify({ schema: 'wiretime.doctor/1', isWell, checks, processes, status }, undefined, 2)}\n`;
}

export function renderDoctor({ checks, processes, status }: Examination, traits: TerminalTraits): string {
  const canvas = canvasFor(traits);
  const lines = [
    ...checks.flatMap((check) => checkLines(check, canvas)),
    ...processes.flatMap((process) => diagnosisLines(process, canvas)),
  ];
  const isProgram = processes.length > 0 && status === undefined;
  return printed(isProgram ? lines : [...lines, '', ...statusLines(status, canvas)], canvas);
}

function diagnosisLines(diagnosis: Diagnosis, { traits, paint }: Canvas): readonly string[] {
  const { pid, program, problem, notVisible } = diagnosis;
  const facts = [`process ${pid}, ${stateText(diagnosis)}`];
  if (problem !== undefined) facts.push(`${problem.what} ${problem.why}`, `→ ${problem.fix}`);
  if (notVisible.length > 0) facts.push(`Not visible: ${notVisible.join(', ')}.`);
  const mark = problem === undefined ? paint.weak('·') : paint.tone('bad', '✕');
  const lines = facts.flatMap((text) => wrap([{ text: safe(text) }], traits.width - 4, paint));
  return ['', `${mark} ${safe(program)}`, ...lines.map((line) => `    ${line}`)];
}

function stateText({ state, requests, runtime }: Diagnosis): string {
  if (state === 'seen') return `${runtime}: seen, ${counted(requests, 'request')}`;
  return state === 'unseen' ? `${runtime}: not seen` : `${runtime}: need not be seen`;
}

const NAME_COLUMNS = 18;
const DETAIL_START = 2 + NAME_COLUMNS;

function checkLines({ name, result, detail }: Check, { traits, paint }: Canvas): readonly string[] {
  const mark = { ok: paint.tone('accent', '✓'), failed: paint.tone('bad', '✕'), skipped: paint.weak('·') };
  const [first = '', ...more] = wrap([{ text: detail }], traits.width - DETAIL_START, paint);
  return [
    `${mark[result]} ${left(name, NAME_COLUMNS)}${first}`,
    ...more.map((line) => ' '.repeat(DETAIL_START) + line),
  ];
}

function statusLines(status: StatusAnswer | undefined, canvas: Canvas): readonly string[] {
  const { paint } = canvas;
  if (status === undefined)
    return [paint.weak('No recording to look into. Make one: wiretime run -- COMMAND')];
  return [
    ...processLines(status, canvas),
    '',
    ...coverageLines(status.coverage, canvas),
    '',
    ...notVisibleLines(status, canvas),
    ...cpuLines(status.coverage, canvas),
    '',
    ...equationLines(status.counters, canvas),
    '',
    ...counterLines(status.counters, canvas),
  ];
}

function processLines({ processes, isLive }: StatusAnswer, canvas: Canvas): readonly string[] {
  if (processes.length === 0) return ['No process has been seen. Was the program started by wiretime run?'];
  return [
    canvas.paint.strong(counted(processes.length, 'process', 'processes')),
    ...processes.flatMap((process) => processEntry(process, isLive, canvas)),
  ];
}

/** A saved recording does not say which process did what. */
function processEntry(process: ProcessStatus, isLive: boolean, { traits, paint }: Canvas): readonly string[] {
  const { service, runtime, version, pid, isConnected, requests, operations, problem } = process;
  const facts = `${runtime} ${version}, process ${pid}, ${isConnected ? 'connected' : 'ended'}`;
  const counts = isLive ? `: ${counted(requests, 'request')}, ${counted(operations, 'operation')}` : '';
  const main = `  ${left(safe(service), NAME_COLUMNS)}${safe(facts)}${counts}`;
  if (problem === '') return [main];
  const why = wrap([{ text: `its agent stopped: ${problem}` }], traits.width - DETAIL_START, paint);
  return [main, ...why.map((line) => `${' '.repeat(DETAIL_START)}${paint.tone('bad', line)}`)];
}

/** The equation is printed with its numbers, so that anybody can see whether it holds. */
function coverageLines(coverage: Coverage, { paint }: Canvas): readonly string[] {
  const { requests, operations, attributed, noRequest, notVisible, dropped, resyncs } = coverage;
  const sum = attributed + noRequest + notVisible;
  const parts = `${formatCount(attributed)} of a request + ${formatCount(noRequest)} of none + ${formatCount(notVisible)} not visible`;
  return [
    paint.strong('What was seen'),
    `  ${counted(requests, 'request')}`,
    `  ${counted(operations, 'operation')} = ${parts}  ${verdictOf(sum === operations, paint)}`,
    `  ${counted(dropped, 'record')} dropped under load, ${counted(resyncs, 'time')} a decoder had to look for the next message`,
  ];
}

function notVisibleLines(
  { coverage, processes }: StatusAnswer,
  { traits, paint }: Canvas,
): readonly string[] {
  const names = new Set([...coverage.notVisibleNames, ...processes.flatMap(({ notVisible }) => notVisible)]);
  if (names.size === 0) return ['Nothing is known to be out of sight.'];
  return wrap([{ text: unseenSentence([...names], coverage.unseenShare) }], traits.width, paint);
}

function cpuLines({ coreWaits, toldCpu, ownCode }: Coverage, { traits, paint }: Canvas): readonly string[] {
  return [
    coreWaitSentence(coreWaits),
    collectionSentence(toldCpu),
    agentCostSentence(toldCpu),
    ownCodeSentence(ownCode),
  ]
    .filter((text) => text !== '')
    .flatMap((text) => ['', ...wrap([{ text }], traits.width, paint)]);
}

function equationLines(counters: Readonly<Record<string, number>>, canvas: Canvas): readonly string[] {
  if (Object.keys(counters).length === 0) return [];
  const title = canvas.paint.strong('What must add up');
  return [title, ...equationsOf(counters).flatMap((equation) => equationOf(equation, canvas))];
}

function equationOf(
  { left: whole, right: parts, holds }: Equation,
  { traits, paint }: Canvas,
): readonly string[] {
  const terms = parts.map(({ name, value }) => `${formatCount(value)} ${name}`).join(' + ');
  const lines = wrap(
    [{ text: `${whole.name} ${formatCount(whole.value)} = ${terms}` }],
    traits.width - 6,
    paint,
  );
  return lines.map((line, index) => {
    const verdict = index === lines.length - 1 ? `  ${verdictOf(holds, paint)}` : '';
    return `${index === 0 ? '  ' : '    '}${line}${verdict}`;
  });
}

function verdictOf(holds: boolean, paint: Canvas['paint']): string {
  return holds ? paint.tone('accent', '✓') : paint.tone('bad', '✕');
}

function counterLines(counters: Readonly<Record<string, number>>, { paint }: Canvas): readonly string[] {
  const entries = Object.entries(counters).sort(([a], [b]) => a.localeCompare(b));
  if (entries.length === 0) return [];
  const columns = Math.max(...entries.map(([name]) => name.length)) + 2;
  return [
    paint.strong('Counters'),
    ...entries.map(([name, value]) => `  ${left(safe(name), columns)}${right(formatCount(value), 12)}`),
  ];
}
