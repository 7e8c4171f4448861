// The door for classes that are no emitters: what a file exports, seen when Node has just run it.
// In: the end of a file's path. Out: its exports, shown once to the listener, before the application sees them.

/** `exports` of the CommonJS file, or for an ESM file an object with the names asked for. */
export type FileListener = (exports: object) => void;

interface Watched {
  readonly suffix: string;
  readonly names: readonly string[];
  readonly listener: FileListener;
}

const watched: Watched[] = [];

/**
 * `listener` sees the classes `names` of the file whose path ends with `suffix`, for example `/postgres/src/query.js`.
 * CommonJS on every Node; ESM from Node 22.15 on (`module.registerHooks`); not inside bundles. `suffix` begins with a slash.
 */
export function onFile(suffix: string, names: readonly string[], listener: FileListener): void {
  watched.push({ suffix, names, listener });
}

/** For the installer. */
export function watchedFiles(): readonly Watched[] {
  return watched;
}
