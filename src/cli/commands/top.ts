// `wiretime top`: what the backend is doing now, in the terminal. In: a running wiretime, keys. Out: a frame each second, or one with --once.
// Not here: what is in a frame (terminal/top-screen.ts).

import { constants } from 'node:os';
import { Command, Option } from 'commander';

import { ExitCode, Failure, messageOf } from '../failure.ts';
import { dataOption, folderOf, urlOption, type DataOptions } from '../options.ts';
import { remoteAnswers, type CommandAnswers } from '../session/remote-answers.ts';
import { readState, stateFileIn, userStateFile } from '../session/state-file.ts';
import { enterFullScreen } from '../terminal/full-screen.ts';
import type { TopData } from '../terminal/top-tables.ts';
import { LEAST, listed, topLines } from '../terminal/top-screen.ts';
import { afterKey, FIRST_VIEW, keysIn, type TopView } from '../terminal/top-view.ts';
import { traitsOf } from '../terminal/traits.ts';

interface TopOptions extends DataOptions {
  readonly url?: string;
  readonly once?: boolean;
}

const EVERY_MS = 1000;
const MINUTE_MS = 60_000;
/** Of one frame that nobody sees on a terminal: enough for the first operations. */
const ONCE_ROWS = 40;

const EXAMPLES = `
Examples:
  $ wiretime top                                     the wiretime that runs on .wiretime/, else your wiretime serve
  $ wiretime top --url http://localhost:7718
  $ wiretime top --once | head -20`;

export function topCommand(exit: (code: number) => void): Command {
  return new Command('top')
    .summary('what your backend is doing now, in the terminal')
    .description('Shows where the time of the last minute or two went, anew each second.')
    .addOption(dataOption())
    .addOption(urlOption())
    .addOption(new Option('--once', 'print one frame and end').env('WIRETIME_ONCE'))
    .addHelpText('after', EXAMPLES)
    .action(async (options: TopOptions) => {
      const answers = remoteAnswers(addressOf(options));
      if (options.once === true) return once(answers);
      if (!process.stdout.isTTY || !process.stdin.isTTY)
        throw new Failure(
          'wiretime top needs a terminal. One frame without it: wiretime top --once',
          ExitCode.usage,
        );
      exit(await new Top(answers).run());
    });
}

/** Who runs on this folder, else the `serve` that this user started last. */
function addressOf(options: TopOptions): string {
  if (options.url !== undefined) return options.url;
  const folder = folderOf(options);
  const state = readState(stateFileIn(folder.path)) ?? readState(userStateFile());
  if (state?.url !== undefined) return state.url;
  throw new Failure(
    `No wiretime is running on ${folder.name}. Start it: wiretime run -- COMMAND, or name another: --url ADDRESS`,
  );
}

/** Sums are kept by the minute: the last whole minute and the one that runs, so that every count is of the same time. */
async function load(answers: CommandAnswers): Promise<TopData> {
  const now = Date.now();
  const range = { from: Math.floor(now / MINUTE_MS) * MINUTE_MS - MINUTE_MS, to: now };
  const [home, report, connections] = await Promise.all([
    answers.home(range),
    answers.report(range),
    answers.connections(range),
  ]);
  return { home, report, connections };
}

async function once(answers: CommandAnswers): Promise<void> {
  const data = await load(answers);
  const traits = traitsOf(process.stdout, process.env);
  const lines = topLines({ data, view: FIRST_VIEW, problem: undefined, rows: ONCE_ROWS }, traits).slice(
    0,
    -1,
  );
  process.stdout.write(
    `${lines
      .map((line) => line.trimEnd())
      .join('\n')
      .trimEnd()}\n`,
  );
}

class Top {
  readonly #answers: CommandAnswers;
  #data: TopData | undefined;
  #view: TopView = FIRST_VIEW;
  #problem: string | undefined;
  #isAsking = false;

  constructor(answers: CommandAnswers) {
    this.#answers = answers;
  }

  /** Resolves with the exit code: 0 after q, 128 + n after a signal. */
  async run(): Promise<number> {
    let end: (code: number) => void = () => {};
    const ended = new Promise<number>((resolve) => (end = resolve));
    const screen = enterFullScreen(
      (text) => this.#press(text, draw, end),
      () => draw(),
    );
    const draw = (): void => screen.draw(this.#lines());
    const stopSignals = onEndingSignals(end);
    const timer = setInterval(() => void this.#refresh(draw), EVERY_MS);
    try {
      draw();
      void this.#refresh(draw);
      return await ended;
    } finally {
      clearInterval(timer);
      stopSignals();
      screen.leave();
    }
  }

  #press(text: string, draw: () => void, end: (code: number) => void): void {
    for (const key of keysIn(text))
      this.#view = afterKey(this.#view, key, listed(this.#data, this.#view).length);
    if (this.#view.isOver) end(ExitCode.ok);
    else draw();
  }

  /** One question at a time: a slow answer makes frames rarer, not a queue. */
  async #refresh(draw: () => void): Promise<void> {
    if (this.#isAsking || this.#view.isPaused) return;
    this.#isAsking = true;
    try {
      this.#data = await load(this.#answers);
      this.#problem = undefined;
    } catch (error) {
      this.#problem = messageOf(error);
    }
    this.#isAsking = false;
    draw();
  }

  #lines(): readonly string[] {
    const { columns, rows } = process.stdout;
    if (columns < LEAST.columns || rows < LEAST.rows)
      return [`wiretime top needs ${LEAST.columns} x ${LEAST.rows}`.slice(0, columns), 'q quit'].slice(
        0,
        rows,
      );
    const frame = { data: this.#data, view: this.#view, problem: this.#problem, rows };
    return topLines(frame, traitsOf(process.stdout, process.env));
  }
}

function onEndingSignals(end: (code: number) => void): () => void {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const onSignal = (signal: NodeJS.Signals): void => end(ExitCode.signal + constants.signals[signal]);
  for (const signal of signals) process.on(signal, onSignal);
  return () => {
    for (const signal of signals) process.off(signal, onSignal);
  };
}
