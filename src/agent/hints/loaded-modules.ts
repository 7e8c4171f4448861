// Classes of drivers that are no emitters. In: the name under which a module exports them. Out: their prototypes, from the modules that
// are loaded as CommonJS, which packages also are when ESM imports them. Looks at no getter. In bundles there are no modules.

/** Takes about a millisecond: for once in a process. */
export function exportedPrototypes(name: string): readonly object[] {
  const { _cache: cache } = process.getBuiltinModule('node:module') as unknown as {
    readonly _cache?: Readonly<Record<string, { readonly exports?: unknown } | undefined>>;
  };
  return Object.values(cache ?? {}).flatMap((module) => prototypeIn(module?.exports, name) ?? []);
}

function prototypeIn(exports: unknown, name: string): object | undefined {
  if (typeof exports !== 'object' || exports === null) return undefined;
  const exported: unknown = Object.getOwnPropertyDescriptor(exports, name)?.value;
  const prototype: unknown = typeof exported === 'function' ? exported.prototype : undefined;
  return typeof prototype === 'object' && prototype !== null ? prototype : undefined;
}
