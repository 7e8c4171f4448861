// Imports go one way. In: the import table of ARCHITECTURE.md as data, and every source file. Out: breaches, exit code 1.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder → folders it may import besides itself. A new line here comes with a decision record. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  base: [],
  model: ['base'],
  record: ['base'],
  agent: ['record', 'base'],
  connection: ['record', 'model', 'base'],
  protocol: ['model', 'base'],
  trace: ['model', 'base'],
  analysis: ['model', 'base'],
  store: ['model', 'base'],
  collector: ['store', 'analysis', 'trace', 'protocol', 'connection', 'record', 'model', 'base'],
  answer: ['store', 'analysis', 'model', 'base'],
  interop: ['model', 'answer', 'base'],
  server: ['answer', 'interop', 'model', 'base'],
  ui: ['answer/api.ts', 'model', 'base'],
  cli: [
    'server',
    'interop',
    'answer',
    'collector',
    'store',
    'analysis',
    'trace',
    'protocol',
    'connection',
    'record',
    'model',
    'base',
  ],
};

/** Bytes and numbers in, values out: no clock, no files, no sockets. */
const PURE = ['base', 'model', 'connection', 'protocol', 'trace', 'analysis'];

/** The only packages a folder may use; other folders are free. */
const PACKAGES: Record<string, readonly string[]> = {
  agent: [],
  record: [],
  ui: ['preact', '@preact/signals', '@fontsource/inter', '@fontsource/jetbrains-mono'],
};

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..', 'src');

function sourceFiles(): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name));
}

function importsOf(text: string): string[] {
  const found = text.matchAll(
    /^\s*(?:import|export)\b[^'"]*?from\s+['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]|^\s*import\s+['"]([^'"]+)['"]/gm,
  );
  return [...found].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

function breachOf(file: string, specifier: string): string | undefined {
  const folder = file.split(sep)[0] ?? '';
  const isTest = /\.test\.tsx?$/.test(file);
  if (specifier.startsWith('.')) return isTest ? undefined : localBreach(file, folder, specifier);
  if (isTest) return undefined;
  if (specifier.startsWith('node:'))
    return PURE.includes(folder) ? `${folder}/ is pure and may not import ${specifier}` : undefined;
  const allowed = PACKAGES[folder] ?? (PURE.includes(folder) ? [] : undefined);
  if (allowed === undefined || allowed.some((name) => specifier === name || specifier.startsWith(`${name}/`)))
    return undefined;
  return `${folder}/ may not use the package ${specifier}`;
}

function localBreach(file: string, folder: string, specifier: string): string | undefined {
  const target = relative(root, resolve(root, dirname(file), specifier))
    .split(sep)
    .join('/');
  const to = target.split('/')[0] ?? '';
  if (to === folder) return undefined;
  const allowed = MAY_IMPORT[folder];
  if (allowed === undefined) return `${folder}/ is not in the import table`;
  return allowed.includes(to) || allowed.includes(target) ? undefined : `${folder}/ may not import ${target}`;
}

const breaches = sourceFiles().flatMap((file) =>
  importsOf(readFileSync(join(root, file), 'utf8')).flatMap((specifier) => {
    const breach = breachOf(file, specifier);
    return breach === undefined ? [] : [`src/${file}: ${breach}`];
  }),
);

if (breaches.length > 0) {
  console.error(breaches.join('\n'));
  process.exit(1);
}
console.log(`layers: ${sourceFiles().length} files, imports go one way`);
