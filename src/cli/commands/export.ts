// `wiretime export`: data for other programs. In: a recording, or a running wiretime; a format. Out: text on stdout, or a file that is there
// only when it is whole.

import { createWriteStream, renameSync, rmSync } from 'node:fs';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Command, Option } from 'commander';

import type { ExportQuestion, ExportRows } from '../../answer/export-rows.ts';
import { EXPORT_FORMATS, formatNamed } from '../../interop/formats.ts';
import { ExitCode, Failure, messageOf } from '../failure.ts';
import {
  dataOption,
  fromOption,
  rangeOf,
  toOption,
  urlOption,
  type DataOptions,
  type RangeOptions,
} from '../options.ts';
import { beforeInterrupt } from '../process/signals.ts';
import { sourceOf, type Source } from '../session/source.ts';
import { startProgress, whileWaiting, type Progress } from '../terminal/progress.ts';
import { safe } from '../terminal/text.ts';

interface ExportOptions extends DataOptions, RangeOptions {
  readonly url?: string;
  readonly format: string;
  readonly trace?: string;
  readonly output?: string;
}

const EXAMPLES = `
Examples:
  $ wiretime export --format perfetto --trace 4bf92f3577b34da6a3ce929d0e0e4736 > trace.json    for ui.perfetto.dev, chrome://tracing, speedscope
  $ wiretime export --format otlp --output spans.jsonl     for the OpenTelemetry collector (otlpjsonfile receiver)
  $ wiretime export --format zipkin | curl -sH 'content-type: application/json' --data-binary @- http://localhost:9411/api/v2/spans
  $ wiretime export --format csv > requests.csv            csv-operations: a line for each operation

There is no more in it than in the recording: no parameters, no bodies, no keys.`;

export function exportCommand(): Command {
  return new Command('export')
    .summary('requests and operations for other programs: Perfetto, OTLP, Zipkin, CSV')
    .description(
      'Writes every stored request and operation, or one trace, in a format that other programs read.',
    )
    .addOption(dataOption())
    .addOption(urlOption())
    .addOption(
      new Option('--format <format>', 'how it is written')
        .choices(EXPORT_FORMATS.map(({ key }) => key))
        .env('WIRETIME_EXPORT_FORMAT')
        .makeOptionMandatory(),
    )
    .addOption(new Option('--trace <id>', 'only this trace').env('WIRETIME_EXPORT_TRACE'))
    .addOption(new Option('--output <file>', 'write a file (default: stdout)').env('WIRETIME_EXPORT_OUTPUT'))
    .addOption(fromOption())
    .addOption(toOption())
    .addHelpText('after', EXAMPLES)
    .action(exportData);
}

async function exportData(options: ExportOptions): Promise<void> {
  if (options.output === undefined && process.stdout.isTTY)
    throw new Failure(
      `This is a file: wiretime export --format ${options.format} > FILE, or --output FILE`,
      ExitCode.usage,
    );
  const source = await sourceOf(options);
  try {
    const text = source.kind === 'own' ? await ownText(source, options) : await askedText(source, options);
    await (options.output === undefined ? written(text, process.stdout) : writtenFile(text, options.output));
  } finally {
    await source.close();
  }
}

function questionOf(options: ExportOptions): ExportQuestion {
  const { trace } = options;
  return { ...rangeOf(options), ...(trace === undefined ? {} : { traceId: trace.toLowerCase() }) };
}

type Own = Extract<Source, { kind: 'own' }>;
type Running = Extract<Source, { kind: 'running' }>;

async function ownText({ answers }: Own, options: ExportOptions): Promise<AsyncIterable<string>> {
  const format = formatNamed(options.format);
  if (format === undefined) throw new Failure(`There is no format ${safe(options.format)}.`, ExitCode.usage);
  const question = { ...questionOf(options), isWithoutOperations: format.isWithoutOperations ?? false };
  const rows = await whileWaiting('Counting requests', answers.exportRows(question));
  if (options.trace !== undefined && rows.requests === 0) throw goneFailure(options.trace);
  const progress = startProgress('Exporting requests');
  return ended(format.write(counted(rows, progress)), progress);
}

/** Rows that say how many of them have gone by. */
function counted(rows: ExportRows, progress: Progress): ExportRows {
  async function* parts() {
    let done = 0;
    for await (const part of rows.parts) {
      yield part;
      done += part.requests.length;
      progress.step(done, rows.requests);
    }
  }
  return { ...rows, parts: parts() };
}

async function* ended(text: AsyncIterable<string>, progress: Progress): AsyncGenerator<string> {
  try {
    yield* text;
  } finally {
    progress.end();
  }
}

/** The running wiretime writes it; how much is still to come it does not say. */
async function askedText({ url }: Running, options: ExportOptions): Promise<AsyncIterable<string>> {
  const { from, to, traceId } = questionOf(options);
  const address = new URL('/api/export', url);
  const token = new URL(url).searchParams.get('token');
  const asked = { format: options.format, from, to, trace: traceId };
  for (const [name, value] of Object.entries(asked))
    if (value !== undefined) address.searchParams.set(name, String(value));
  const headers = token === null ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(address, { headers }).catch((error: unknown) => {
    throw new Failure(`The running wiretime at ${address.origin} does not answer: ${messageOf(error)}`);
  });
  if (response.status === 404) throw goneFailure(options.trace ?? '');
  if (!response.ok || response.body === null)
    throw new Failure(`The running wiretime at ${address.origin} answered ${response.status}.`);
  return response.body.pipeThrough(new TextDecoderStream());
}

function goneFailure(trace: string): Failure {
  return new Failure(`The request "${safe(trace.slice(0, 100))}" is not, or no longer, stored.`);
}

/** Waits for whoever reads it. A reader that has seen enough (`| head`) is no error. */
async function written(text: AsyncIterable<string>, stream: Writable): Promise<void> {
  try {
    await pipeline(Readable.from(text), stream, { end: false });
  } catch (error) {
    if (!isClosed(error)) throw error;
  }
}

function isClosed(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE';
}

async function writtenFile(text: AsyncIterable<string>, file: string): Promise<void> {
  const part = `${file}.part`;
  const remove = (): void => rmSync(part, { force: true });
  const interrupt = beforeInterrupt(remove);
  try {
    await pipeline(Readable.from(text), createWriteStream(part));
    renameSync(part, file);
  } catch (error) {
    remove();
    throw new Failure(`${file} could not be written: ${messageOf(error)}`);
  } finally {
    interrupt.stop();
  }
}
