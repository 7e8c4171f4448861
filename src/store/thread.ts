// Starts a file of this package as a worker thread. In: its TypeScript source, the name of its bundle. Out: a worker.
// From source the worker is TypeScript beside its importer; in the package it is a bundle beside the bundle of its importer.

import { Worker } from 'node:worker_threads';

export interface ThreadFiles {
  /** `import.meta.url` of whoever starts it. */
  readonly here: string;
  /** Relative to `here`. */
  readonly source: string;
  readonly bundle: string;
}

export function startThread({ here, source, bundle }: ThreadFiles, workerData?: unknown): Worker {
  if (!here.endsWith('.ts')) return new Worker(new URL(bundle, here), { workerData, execArgv: [] });
  return new Worker(loaderOf(new URL(source, here)), { workerData });
}

/** Node 20 does not apply `--import tsx` to the entry of a worker: a first module registers tsx, then imports the real one. */
function loaderOf(entry: URL): URL {
  const code = `import { register } from '${import.meta.resolve('tsx/esm/api')}'; register(); await import('${entry.href}');`;
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
}
