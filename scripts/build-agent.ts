// How the agent's bundle is made. In: where to put it. Out: options for esbuild; the build, the tests and the benchmarks share them.
// The agent lies in it as a comment (src/agent/gate.ts compiles that), and in it, as text, what src/agent/later/later-install.ts imports, and nothing
// else does (src/agent/later/later.ts compiles it).

import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { build, transform, type BuildOptions, type Plugin } from 'esbuild';

const root = new URL('..', import.meta.url).pathname;
const GATE = 'src/agent/gate.ts';
const MAIN = 'src/agent/main.ts';
const LATER = 'src/agent/later/later-install.ts';

/** Runs inside the user's process: one CommonJS file, nothing but itself, small because every process reads it. `parts`: what else goes into it. */
export function agentOptions(outfile: string, parts: readonly Plugin[] = [laterPart]): BuildOptions {
  const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { version: string };
  return {
    ...common,
    entryPoints: [GATE],
    outfile,
    format: 'cjs',
    minify: true,
    // The oldest that anybody may still start with the agent in its environment. What is in the comment is for the oldest that is supported.
    target: 'node12',
    define: { WIRETIME_VERSION: JSON.stringify(version) },
    plugins: [corePart(parts)],
  };
}

/** Puts the agent before src/agent/gate.ts. A comment costs 0.1 to 0.3 ms of a start, a text 0.3 to 0.5 (Node 20.20, 2026-11). */
function corePart(plugins: readonly Plugin[]): Plugin {
  return {
    name: 'core',
    async setup({ initialOptions }) {
      const { minify = true, define = {} } = initialOptions;
      const { outputFiles } = await build({
        ...common,
        entryPoints: [MAIN],
        format: 'cjs',
        // Comments go in any case: one of them would end the one that it all lies in.
        ...(minify ? { minify } : { minifyWhitespace: true }),
        define,
        plugins: [...plugins],
        write: false,
      });
      const text = outputFiles[0]?.text.trim() ?? '';
      if (text.includes('*/'))
        throw new Error('the agent holds the end of a comment: write it in another way');
      initialOptions.banner = { js: `function core(){/*${text}*/}` };
    },
  };
}

const common: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  logLevel: 'warning',
  legalComments: 'none',
  platform: 'node',
  target: 'node20',
};

/** Puts the later part in the place of src/agent/later/later-part.ts. */
const laterPart: Plugin = {
  name: 'later part',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]agent[\\/]later[\\/]later-part\.ts$/ }, async () => {
      const { source, uses } = await buildLater();
      return { contents: partOf(source, uses), loader: 'ts', resolveDir: root };
    });
  },
};

/** A name that the later part uses of a file of the core. */
interface Use {
  readonly file: string;
  readonly name: string;
  /** What it is called in the later part. */
  readonly local: string;
  /** Declared with `let`: to be asked for its value each time. */
  readonly isVariable: boolean;
}

interface Later {
  readonly source: string;
  readonly uses: readonly Use[];
}

/**
 * As one module first, whose imports say what it uses. Then functions, classes and constants become constants of the later part, as near to it as
 * its own, and variables become properties of `$`, which are always up to date.
 */
async function buildLater(): Promise<Later> {
  const core = await coreFiles();
  const { outputFiles } = await build({
    ...common,
    entryPoints: [LATER],
    format: 'esm',
    write: false,
    plugins: [outside(core)],
  });
  const { text, uses, copies } = withoutImports(outputFiles[0]?.text ?? '');
  const constants = uses
    .filter(({ isVariable }) => !isVariable)
    .map((use) => `${keyOf(uses, use)}: ${use.local}`);
  const define = Object.fromEntries([...uses, ...copies].flatMap((use) => definition(use, uses)));
  const { code } = await transform(`const { ${constants.join(', ')} } = $;\n${text}`, {
    format: 'cjs',
    target: 'node20',
    minify: true,
    define,
  });
  // Functions that are not strict can be told from methods.
  return { source: `"use strict";${code}`, uses };
}

/** What stands for a name in the text: a property of `$`, or the one constant of all imports of the same thing. */
function definition(use: Use, uses: readonly Use[]): readonly (readonly [string, string])[] {
  const first = firstOf(uses, use);
  if (use.isVariable) return [[use.local, `$.${keyOf(uses, use)}`]];
  return first === use || first === undefined ? [] : [[use.local, first.local]];
}

function firstOf(uses: readonly Use[], { file, name }: Use): Use | undefined {
  return uses.find((use) => use.file === file && use.name === name);
}

function keyOf(uses: readonly Use[], use: Use): string {
  return `_${uses.findIndex(({ file, name }) => file === use.file && name === use.name).toString(36)}`;
}

async function coreFiles(): Promise<ReadonlySet<string>> {
  const { metafile } = await build({
    ...common,
    entryPoints: [MAIN],
    format: 'cjs',
    write: false,
    metafile: true,
  });
  return new Set(Object.keys(metafile.inputs));
}

const PREFIX = 'core:';

function outside(core: ReadonlySet<string>): Plugin {
  return {
    name: 'core',
    setup({ onResolve, resolve }) {
      onResolve({ filter: /^\./ }, async ({ path, resolveDir, kind, pluginData }) => {
        if (pluginData === PREFIX) return undefined;
        const found = await resolve(path, { resolveDir, kind, pluginData: PREFIX });
        const file = relative(root, found.path);
        return core.has(file) ? { path: PREFIX + file, external: true } : found;
      });
    },
  };
}

/** `uses`: each thing once. `copies`: the other names that it has, because every file imports for itself. */
function withoutImports(module: string): {
  readonly text: string;
  readonly uses: readonly Use[];
  readonly copies: readonly Use[];
} {
  const uses: Use[] = [];
  const copies: Use[] = [];
  const text = module.replaceAll(
    /^import (?:\{([^}]*)\} from )?"core:([^"]+)";$/gm,
    (_all, names: string | undefined, file: string) => {
      for (const item of names?.split(',') ?? []) {
        const [name = '', local = name] = item.trim().split(' as ');
        const use = { file, name, local, isVariable: isVariable(file, name) };
        (firstOf(uses, use) === undefined ? uses : copies).push(use);
      }
      return '';
    },
  );
  if (text.includes(`"${PREFIX}`)) throw new Error('the later part imports the core in an unknown way');
  return { text, uses, copies };
}

function isVariable(file: string, name: string): boolean {
  return readFileSync(`${root}${file}`, 'utf8').includes(`export let ${name}`);
}

function partOf(source: string, uses: readonly Use[]): string {
  const imports = uses.map((use) => `import { ${use.name} as ${keyOf(uses, use)} } from './${use.file}';`);
  const properties = uses.map((use) => {
    const key = keyOf(uses, use);
    return use.isVariable ? `get ${key}() { return ${key}; },` : `${key},`;
  });
  return `${imports.join('\n')}
export function laterSource() { return ${JSON.stringify(source)}; }
export function coreExports() { return { ${properties.join('\n')} }; }`;
}
