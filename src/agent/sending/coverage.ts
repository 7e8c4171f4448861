// What the agent sees and what it knows it does not see, by name, for `hello` and `stats`.

const hooked = new Set<string>();
const notVisible = new Set<string>();
/** More names would only come from a mistake. */
const LIMIT = 100;

/** `name` is patched, for example `net.Socket` or `pg.Pool`. */
export function noteHooked(name: string): void {
  if (hooked.size < LIMIT) hooked.add(name);
}

/** Traffic of `name` passes unseen, for example `http2`. */
export function noteNotVisible(name: string): void {
  if (notVisible.size < LIMIT) notVisible.add(name);
}

export function hookedNames(): readonly string[] {
  return [...hooked];
}

export function notVisibleNames(): readonly string[] {
  return [...notVisible];
}
