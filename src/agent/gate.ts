// The outside of the agent's bundle, which every Node reads that was given it, of whatever age: the build writes it in the syntax of the oldest.
// In: the agent, as a comment, where no parser minds its syntax. Out: it is compiled and runs, or, where Node is too old for it, nothing is done.

import type { Module } from 'node:module';

/** `process.getBuiltinModule`, `#field in object`, and much else. */
const OLDEST_NODE = 20;

/** The build puts it here (scripts/build-agent.ts): a function that holds nothing but the agent, between comment marks. */
declare function core(): void;
declare const module: Module & Compiling;
declare const __filename: string;

/** As Node compiles what it has read: with `import()`, and without a module of Node that the application has not loaded. The same in 20 to 26. */
interface Compiling {
  readonly _compile: (text: string, file: string, format: 'commonjs') => unknown;
}

if (Number.parseInt(process.versions.node) >= OLDEST_NODE) {
  try {
    const text = core.toString();
    // Under the name of this file: stacks tell the agent's frames by it.
    module._compile(text.slice(text.indexOf('/*') + 2, text.lastIndexOf('*/')), __filename, 'commonjs');
  } catch {
    // Somebody who came before answers something else for one of these. The application starts without the agent.
  }
}
