// The agent's own mistakes. In: a note-taking function. Out: nothing; an error in it switches the whole agent off, for good and silently.
// Not here: errors of the application, which pass through untouched.

/** Wrappers and hooks take notes only while this is true. */
export let active = false;
/** Errors of the agent's own, for `stats`. */
export let ownErrors = 0;

let onDisabled: (error: unknown) => void = () => undefined;

/** Notes are taken from now on. */
export function activate(disabled: (error: unknown) => void): void {
  onDisabled = disabled;
  active = true;
}

/** Wrappers become pass-through. Called with the agent's own error, once. */
export function fail(error: unknown): void {
  ownErrors++;
  if (!active) return;
  active = false;
  try {
    onDisabled(error);
  } catch {
    ownErrors++;
  }
}

/** Takes a note: whatever goes wrong in it never reaches the application. */
export function guarded<A, B>(note: (first: A, second: B) => void, first: A, second: B): void {
  if (!active) return;
  try {
    note(first, second);
  } catch (error) {
    fail(error);
  }
}
