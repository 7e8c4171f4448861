// `wiretime trace ID`: what happened in one request. In: a recording, or a running wiretime; an id. Out: a waterfall of text on stdout.

import { Command, Option } from 'commander';

import type { TraceAnswer } from '../../answer/api.ts';
import { possibleStalls, stallsIn } from '../../answer/traces/trace-stalls.ts';
import { Failure } from '../failure.ts';
import { dataOption, jsonOption, urlOption, type DataOptions } from '../options.ts';
import { sourceOf, type Source } from '../session/source.ts';
import { whileWaiting } from '../terminal/progress.ts';
import { safe } from '../terminal/text.ts';
import { renderTrace } from '../terminal/trace.ts';
import { traitsOf } from '../terminal/traits.ts';

interface TraceOptions extends DataOptions {
  readonly url?: string;
  readonly all?: boolean;
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  $ wiretime trace 4bf92f3577b34da6a3ce929d0e0e4736          ids are in the pages, in logs (traceparent), and in wiretime findings show ID
  $ wiretime trace 4bf92f3577b34da6a3ce929d0e0e4736 --all | less -R
  $ wiretime trace slowest                                   the slowest request of the recording`;

export function traceCommand(): Command {
  return new Command('trace')
    .summary('one request: what happened, when, and what took the time')
    .description(
      'Prints a trace as a waterfall: each request and call with its phases, equal calls in a row as one.',
    )
    .argument('<id>', 'trace id, or slowest')
    .addOption(dataOption())
    .addOption(urlOption())
    .addOption(new Option('--all', 'every call in a row of its own, however many').env('WIRETIME_ALL'))
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
    .action(trace);
}

async function trace(id: string, options: TraceOptions): Promise<void> {
  const source = await sourceOf(options);
  try {
    const wanted = id === 'slowest' ? (await source.answers.traces({ limit: 1 })).traces[0]?.traceId : id;
    const answer = wanted === undefined ? undefined : await source.answers.trace(wanted.toLowerCase());
    if (answer === undefined)
      throw new Failure(`The request "${safe(id.slice(0, 100))}" is not, or no longer, stored.`);
    const traits = traitsOf(process.stdout, process.env);
    process.stdout.write(
      options.json === true
        ? `${JSON.stringify(answer, undefined, 2)}\n`
        : renderTrace(
            answer,
            { showsAll: options.all === true, stalls: await stallsOf(answer, source) },
            traits,
          ),
    );
  } finally {
    await source.close();
  }
}

/** Findings take seconds of a large recording: they are looked for only when something in the trace may be a stall. */
async function stallsOf(answer: TraceAnswer, { answers }: Source): Promise<ReadonlySet<number>> {
  if (possibleStalls(answer).size === 0) return new Set();
  const { findings } = await whileWaiting('Looking for findings', answers.findings({}));
  return stallsIn(answer, findings);
}
