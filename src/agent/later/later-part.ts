// Where the build puts the part of the agent that few programs need (scripts/build-agent.ts). In: nothing. Out: its source, and what it uses of
// the part that is there, as getters: variables change. Here, unbuilt, there is none of it.

/** A function `$` (the exports below) and `require` for modules of Node; '' when there is none. */
export function laterSource(): string {
  return '';
}

export function coreExports(): object {
  return {};
}
