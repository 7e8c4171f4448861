// The options that several commands share, each also an environment variable. In: what was typed. Out: values, or what is wrong.

import { InvalidArgumentError, Option } from 'commander';

import { dataFolderAt } from './session/data-folder.ts';
import type { Range } from '../answer/api.ts';
import type { Retention } from './session/retention.ts';

export const dataOption = (): Option =>
  new Option('--data <dir>', 'where the recording is kept').env('WIRETIME_DATA').default('.wiretime');

export const portOption = (): Option =>
  new Option('--port <number>', 'port of the pages (default: 7717, or the next free one)')
    .env('WIRETIME_PORT')
    .argParser(parsePort);

export const hostOption = (): Option =>
  new Option('--host <address>', 'address the pages listen on; other than this machine needs --token')
    .env('WIRETIME_HOST')
    .default('127.0.0.1');

export const tokenOption = (): Option =>
  new Option('--token <secret>', 'who opens the pages must know it').env('WIRETIME_TOKEN');

export const serviceOption = (): Option =>
  new Option('--service <name>', 'name of the traced service (default: from its package.json)').env(
    'WIRETIME_SERVICE',
  );

export const propagateOption = (): Option =>
  new Option(
    '--propagate <hosts>',
    'hosts that also get traceparent headers, by commas (default: your own only; off: none)',
  ).env('WIRETIME_PROPAGATE');

/** The variable is the agents' own, too: what turns it off there has to stay (agent-environment.ts). */
export const profileOption = (): Option =>
  new Option('--profile', 'also see which lines of code take the CPU, and which block the event loop').env(
    'WIRETIME_PROFILE',
  );

export const keepDaysOption = (): Option =>
  new Option('--keep-days <days>', 'days after which requests are deleted')
    .env('WIRETIME_KEEP_DAYS')
    .default(7)
    .argParser(parsePositive);

export const keepSizeOption = (): Option =>
  new Option('--keep-size <megabytes>', 'size beyond which the oldest days are deleted')
    .env('WIRETIME_KEEP_SIZE')
    .default(2048)
    .argParser(parsePositive);

export const urlOption = (): Option =>
  new Option('--url <address>', 'the running wiretime to ask (default: the one that holds the data folder)')
    .env('WIRETIME_URL')
    .argParser(parseUrl);

export const fromOption = (): Option =>
  timeOption('--from <time>', 'requests from this time on', 'WIRETIME_FROM');

export const toOption = (): Option => timeOption('--to <time>', 'requests up to this time', 'WIRETIME_TO');

export const jsonOption = (): Option =>
  new Option('--json', 'one JSON object on stdout').env('WIRETIME_AS_JSON');

export interface RangeOptions {
  readonly from?: number;
  readonly to?: number;
}

export interface DataOptions {
  readonly data: string;
}

export interface PageOptions {
  readonly port?: number;
  readonly host: string;
  readonly token?: string;
}

export interface KeepOptions {
  readonly keepDays: number;
  readonly keepSize: number;
}

export const folderOf = ({ data }: DataOptions) => dataFolderAt(data);

export function pagesOf({ port, host, token }: PageOptions) {
  return { port, host, token };
}

export function retentionOf({ keepDays, keepSize }: KeepOptions): Retention {
  return { maxAgeDays: keepDays, maxBytes: keepSize * 1024 * 1024 };
}

export function parsePositive(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('This is a whole number from 1 on.');
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('A port is a whole number from 0 to 65535.');
}

/** Flags are on when their variable is there at all (commander): `0`, `false` and nothing mean off. */
const FLAG_VARIABLES = [
  'WIRETIME_NO_UI',
  'WIRETIME_OPEN',
  'WIRETIME_KEEP_OPEN',
  'WIRETIME_NO_BROWSER',
  'WIRETIME_STRICT',
  'WIRETIME_AS_JSON',
  'WIRETIME_ALL',
  'WIRETIME_ONCE',
] as const;

export function forgetFlagsThatAreOff(env: NodeJS.ProcessEnv): void {
  for (const name of FLAG_VARIABLES) if (/^(0|false|no|off)?$/i.test(env[name] ?? '')) delete env[name];
}

/** `--json [file]`, `--markdown [file]`: a result in another form. `what`: 'the check'; `command` is part of the variable. */
export const resultOption = (format: 'JSON' | 'Markdown', what: string, command: 'CHECK' | 'DIFF'): Option =>
  new Option(
    `--${format.toLowerCase()} [file]`,
    `write ${what} as ${format} (stdout when no file is named)`,
  ).env(`WIRETIME_${command}_${format.toUpperCase()}`);

function timeOption(flags: string, description: string, variable: string): Option {
  return new Option(flags, `${description} (ISO 8601, local time when it names no zone)`)
    .env(variable)
    .argParser(parseTime);
}

/** µs since 1970 are exact up to here. */
const TOO_LATE = Date.parse('2255-01-01');

/** Milliseconds since 1970, from an ISO 8601 time or from that number itself. */
function parseTime(text: string): number {
  const time = /^\d{12,15}$/.test(text) ? Number(text) : Date.parse(text);
  if (time >= 0 && time < TOO_LATE) return time;
  throw new InvalidArgumentError('A time is written like 2026-03-04T14:32.');
}

export function rangeOf({ from, to }: RangeOptions): Range {
  return { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}

function parseUrl(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new InvalidArgumentError('An address is written like http://localhost:7717.');
}
