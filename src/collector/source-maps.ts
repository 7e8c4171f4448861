// Lines of the source behind lines of generated files (bundles, compiled TypeScript). In: `file:line:column` of what runs. Out: the same
// of what was written, read from the source map beside the file or in it. Not here: which frame of a stack is the caller (calls.ts).
// Spec: https://tc39.es/ecma426/

import { readFileSync, statSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BoundedMap } from '../base/bounded.ts';

/** Files that are not looked at again while they stay as they are. */
const FILE_LIMIT = 2000;
/** Bundles of a whole backend with all its packages have maps of 10 to 30 MB; larger ones would hold up the collector. */
const SIZE_LIMIT_BYTES = 48 * 1024 * 1024;
/** A parsed map takes several times its size in memory. */
const MAP_LIMIT = 4;

/** Past the end of any line. */
const LAST_COLUMN = 1_000_000_000;

interface Loaded {
  /** Of the generated file: another one under the same name is looked at again. */
  readonly version: string;
  readonly hasMap: boolean;
}

interface Parsed {
  readonly map: SourceMap;
  /** What its sources are relative to. */
  readonly folder: string;
}

export class SourceMaps {
  readonly #files = new BoundedMap<string, Loaded>(FILE_LIMIT);
  readonly #maps = new BoundedMap<string, Parsed>(MAP_LIMIT);

  /**
   * `file:line:column` in the source, column 0 for any of the line; `undefined` when there is no map, or none for this place. Files are read at once, the first time
   * a call site lies in them. `root`: where the process was started, for bundlers that name sources from there.
   */
  original(place: string, root: string): string | undefined {
    const [, file = '', line, column] = /^(\/.*\.[cm]?js):(\d+):(\d+)$/.exec(place) ?? [];
    if (file === '') return undefined;
    try {
      const parsed = this.#parsed(file);
      return parsed && originalOf(parsed, Number(line), Number(column) || LAST_COLUMN, root);
    } catch {
      // Whatever stands there instead of a map is as good as none.
      return undefined;
    }
  }

  #parsed(file: string): Parsed | undefined {
    const version = versionOf(file) ?? '';
    const known = this.#files.get(file);
    if (known !== undefined && known.version === version && (!known.hasMap || this.#maps.has(file)))
      return this.#maps.get(file);
    this.#maps.delete(file);
    // Should it fail, it is not tried again.
    this.#files.set(file, { version, hasMap: false });
    const parsed = version === '' ? undefined : parse(file);
    if (parsed === undefined) return undefined;
    this.#maps.set(file, parsed);
    this.#files.set(file, { version, hasMap: true });
    return parsed;
  }
}

function versionOf(file: string): string | undefined {
  const facts = statSync(file, { throwIfNoEntry: false });
  return facts === undefined || facts.size > SIZE_LIMIT_BYTES ? undefined : `${facts.mtimeMs} ${facts.size}`;
}

function parse(file: string): Parsed | undefined {
  const url = mapUrl(readFileSync(file, 'utf8'));
  if (url === undefined) return undefined;
  const embedded = /^data:application\/json[^,]*?(;base64)?,/.exec(url);
  if (embedded !== null)
    return { map: mapOf(decoded(url.slice(embedded[0].length), embedded[1])), folder: dirname(file) };
  const path = resolve(dirname(file), decodeURIComponent(url));
  return versionOf(path) === undefined
    ? undefined
    : { map: mapOf(readFileSync(path, 'utf8')), folder: dirname(path) };
}

function decoded(text: string, base64: string | undefined): string {
  return base64 === undefined ? decodeURIComponent(text) : Buffer.from(text, 'base64').toString();
}

function mapOf(json: string): SourceMap {
  return new SourceMap(JSON.parse(json) as ConstructorParameters<typeof SourceMap>[0]);
}

const COMMENT = '//# sourceMappingURL=';

/** The last such comment counts. */
function mapUrl(text: string): string | undefined {
  const at = text.lastIndexOf(COMMENT);
  return at < 0 ? undefined : /^\S+/.exec(text.slice(at + COMMENT.length))?.[0];
}

function originalOf({ map, folder }: Parsed, line: number, column: number, root: string): string | undefined {
  const entry = map.findEntry(line - 1, column - 1);
  // Without one of its own for this line it answers with the last one before.
  if (!('originalSource' in entry) || entry.generatedLine !== line - 1) return undefined;
  const source = sourcePath(entry.originalSource, folder, root);
  return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
}

/** `../src/shop.ts`, `file:///app/src/shop.ts`, or as webpack names it `webpack://shop/./src/shop.ts?1f2a`. */
function sourcePath(source: string, folder: string, root: string): string {
  if (source.startsWith('file:')) return fileURLToPath(source);
  const bundled = /^webpack(?:-internal)?:\/\/[^/]*\/([^?]*)/.exec(source)?.[1];
  return bundled === undefined ? resolve(folder, source) : resolve(root, bundled);
}
