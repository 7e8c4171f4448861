// What `wiretime run` prints when the program has ended. In: the home answer and the report. Out: at most 45 lines.
// Not here: where the answers come from, where the text is written.

import type { HomeAnswer, Report, ServiceInfo, Window } from '../../answer/api.ts';
import { counted, formatBytes, formatDuration, formatShare } from '../../base/numbers.ts';
import { CATEGORIES } from '../../model/category.ts';
import { bar } from './bar.ts';
import { canvasFor, printed, type Canvas } from './canvas.ts';
import { coverageLines } from './coverage.ts';
import { endpointLines } from './endpoints.ts';
import { findingLines } from './findings.ts';
import { wrap } from './sentence.ts';
import { cut, left, right, safe } from './text.ts';
import type { TerminalTraits } from './traits.ts';

export interface SummaryInput {
  readonly home: HomeAnswer;
  readonly report: Report;
  readonly saved: Saved;
}

/** Where the recording can be looked at afterwards. */
export interface Saved {
  /** As the user would type it. */
  readonly dataFolder: string;
  readonly bytes: number;
  /** The address of the pages while they are still served, else undefined. */
  readonly url: string | undefined;
}

/** Endpoints in the summary; the text report has all. 7 keep the summary within one screen of 45 lines. */
const ENDPOINT_LIMIT = 7;
/** Two lines each. */
const FINDING_LIMIT = 5;
const FINDING_LIMIT_SHORT = 3;

export function renderSummary(input: SummaryInput, traits: TerminalTraits): string {
  const canvas = canvasFor(traits);
  return printed(
    [
      '',
      headline(input.home, canvas),
      '',
      ...answer(input.home, canvas),
      '',
      ...categoryLines(input.home, canvas),
      '',
      ...endpointLines(input.home, input.report, ENDPOINT_LIMIT, canvas),
      ...coverageLines(input.home, canvas),
      ...findingLines(input.home, FINDING_LIMIT, canvas),
      '',
      closing(input.saved, canvas),
    ],
    canvas,
  );
}

/** `--summary=short`: the answer, the first three findings, and where the rest is. */
export function renderShortSummary(input: SummaryInput, traits: TerminalTraits): string {
  const canvas = canvasFor(traits);
  const findings = findingLines(input.home, FINDING_LIMIT_SHORT, canvas);
  const gap = findings.length === 0 ? [] : [''];
  return printed(
    ['', ...answer(input.home, canvas), ...findings, ...gap, closing(input.saved, canvas)],
    canvas,
  );
}

/** `wiretime  gateway, cart (node 20.20), 15 min, 47 756 requests`. */
export function headline(home: HomeAnswer, { traits, paint }: Canvas): string {
  const facts = `${lengthOf(home.window)}, ${counted(home.requests, 'request')}`;
  const room = traits.width - HEADLINE_START - facts.length;
  const services = cut(safe(runtimes(home.services).join(', ')), room - 2);
  return `${paint.strong('wiretime')}  ${paint.weak(services === '' ? facts : `${services}, ${facts}`)}`;
}

const HEADLINE_START = 'wiretime  '.length;

/** Services of one runtime and version share a bracket. */
function runtimes(services: readonly ServiceInfo[]): readonly string[] {
  const groups = new Map<string, string[]>();
  for (const { name, runtime, version } of services) {
    const key = `${runtime} ${majorMinor(version)}`;
    groups.set(key, [...(groups.get(key) ?? []), name]);
  }
  return [...groups].map(([runtime, names]) => `${names.join(', ')} (${runtime})`);
}

function majorMinor(version: string): string {
  return version.replace(/^v/, '').split('.').slice(0, 2).join('.');
}

/** In words, so without the third digit: `15 min`, `42 s`. */
function lengthOf({ seconds }: Window): string {
  if (seconds < 9.995) return formatDuration(seconds * 1e6);
  if (seconds < 100) return `${Math.round(seconds)} s`;
  return seconds < 100 * 60 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

export function answer(home: HomeAnswer, { traits, paint }: Canvas): readonly string[] {
  return wrap([...home.sentence, { text: ' ' }, ...home.second], traits.width, paint);
}

const NAME_COLUMNS = 20;
const SHARE_COLUMNS = 6;
const TIME_COLUMNS = 11;
const BAR_START = 2 + NAME_COLUMNS + SHARE_COLUMNS + TIME_COLUMNS + 2;

/** Largest first. What is below 0.05 % is left out, as on the pages. */
export function categoryLines(home: HomeAnswer, canvas: Canvas): readonly string[] {
  const { traits, paint } = canvas;
  const title = 'Where the time goes';
  const total = `${formatDuration(home.totalUs)} in total`;
  const shown = home.categories.filter(({ share }) => share >= 0.0005).sort((a, b) => b.us - a.us);
  const largest = shown[0]?.us ?? 0;
  return [
    paint.strong(title) + paint.weak(right(total, traits.width - title.length)),
    ...shown.map(({ key, us, share }) => {
      const name = CATEGORIES.find((category) => category.key === key)?.name ?? key;
      const length = ((traits.width - 1 - BAR_START) * us) / largest;
      const drawn = paint.tone(key, bar(key, length, traits.isUnicode));
      const time = paint.weak(right(formatDuration(us), TIME_COLUMNS));
      return `  ${left(name, NAME_COLUMNS)}${right(formatShare(share), SHARE_COLUMNS)}${time}  ${drawn}`;
    }),
  ];
}

function closing(saved: Saved, { paint }: Canvas): string {
  const place = paint.weak(`saved in ${safe(saved.dataFolder)} (${formatBytes(saved.bytes)})`);
  const command = paint.strong(openCommand(saved.dataFolder));
  if (saved.url === undefined) return `Open the report: ${command}   ${place}`;
  return `Open the report: ${paint.tone('accent', saved.url)}   or later: ${command}   ${place}`;
}

const DEFAULT_FOLDER = '.wiretime/';

function openCommand(dataFolder: string): string {
  return dataFolder === DEFAULT_FOLDER ? 'wiretime open' : `wiretime open ${safe(dataFolder)}`;
}
