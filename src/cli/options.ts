// The options that several commands share, each also an environment variable. In: what was typed. Out: values, or what is wrong.

import { InvalidArgumentError, Option } from 'commander';

import { dataFolderAt } from './session/data-folder.ts';

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

export interface DataOptions {
  readonly data: string;
}

export interface PageOptions {
  readonly port?: number;
  readonly host: string;
  readonly token?: string;
}

export const folderOf = ({ data }: DataOptions) => dataFolderAt(data);

export function pagesOf({ port, host, token }: PageOptions) {
  return { port, host, token };
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('A port is a whole number from 0 to 65535.');
}

/** Flags are on when their variable is there at all (commander): `0`, `false` and nothing mean off. */
const FLAG_VARIABLES = ['WIRETIME_NO_UI', 'WIRETIME_KEEP_OPEN', 'WIRETIME_NO_BROWSER'] as const;

export function forgetFlagsThatAreOff(env: NodeJS.ProcessEnv): void {
  for (const name of FLAG_VARIABLES) if (/^(0|false|no|off)?$/i.test(env[name] ?? '')) delete env[name];
}
