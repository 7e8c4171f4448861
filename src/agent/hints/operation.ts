// What every hint does around a driver's own method. In: the original, its arguments, a context. Out: what the original returned.
// Not here: which methods, which context.

import { active } from '../guard.ts';
import { replaceCurrent, runInContext, type Context } from '../requests/context.ts';
import { ownerOf, wrap, type AnyMethod, type Method } from '../hook.ts';

/** Bytes written before the original returns belong to the operation of `context`; what it starts stays where it was. */
export function asOperation(
  context: Context | undefined,
  original: Method,
  self: unknown,
  args: ArrayLike<unknown>,
): unknown {
  if (context === undefined || !active) return Reflect.apply(original, self, args);
  const previous = replaceCurrent(context);
  try {
    return Reflect.apply(original, self, args);
  } finally {
    replaceCurrent(previous);
  }
}

/** The original calls code of the application: it runs, with all that it starts, in the request of `context`. */
export function asRequest(
  context: Context | undefined,
  original: Method,
  self: unknown,
  args: ArrayLike<unknown>,
): unknown {
  if (context === undefined || !active) return Reflect.apply(original, self, args);
  return runInContext(context, original as (...args: never[]) => unknown, self, args);
}

/** Both: a driver works for the operation and may call the application on the way. */
export function asOperationInRequest(
  context: Context | undefined,
  original: Method,
  self: unknown,
  args: ArrayLike<unknown>,
): unknown {
  if (context === undefined || !active) return Reflect.apply(original, self, args);
  const operation = (...inner: unknown[]): unknown => asOperation(context, original, self, inner);
  return runInContext(context, operation as (...args: never[]) => unknown, undefined, args);
}

/** Has the prototype all of these? */
export function hasAll(prototype: object, ...names: readonly string[]): boolean {
  return names.every((name) => name in prototype);
}

/** Wraps where the method is defined, so that all subclasses share one wrapper and `super` calls do not meet it twice. */
export function wrapOwner(prototype: object, name: string, make: (original: Method) => AnyMethod): void {
  const owner = deepestOwner(prototype, name);
  if (owner !== undefined) wrap(owner, name, make);
}

function deepestOwner(prototype: object, name: string): object | undefined {
  const owner = ownerOf(prototype, name);
  if (owner === undefined) return undefined;
  const parent = Object.getPrototypeOf(owner) as object | null;
  return (parent === null ? undefined : deepestOwner(parent, name)) ?? owner;
}

/** Has a value of the application this method? Its getters may do as they like. */
export function hasMethod(value: unknown, name: string): value is object {
  if (typeof value !== 'object' || value === null) return false;
  try {
    return typeof Reflect.get(value, name) === 'function';
  } catch {
    return false;
  }
}

/** A text field of something the application passed, for sampling call sites; its getters may do as they like. */
export function textOf(value: unknown, field: string): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return undefined;
  try {
    const text: unknown = Reflect.get(value, field);
    return typeof text === 'string' ? text : undefined;
  } catch {
    return undefined;
  }
}
