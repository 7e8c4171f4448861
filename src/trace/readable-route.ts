// Routes that are regular expressions of Python, as somebody would write them down. In: the route as the framework has it. Out: the same with the
// name of each named group instead of what it accepts: `/(?P<shop>[^/]+)/orders/` → `/<shop>/orders/`, which is how Django writes its others.
// Not here: groups without a name and expressions of Node's frameworks: they are shown as they are written.

const GROUP = /\(\?P<(\w+)>/g;
/** What may stand between two parts of a path only as itself. */
const ESCAPED = /\\([-./_@:])/g;
/** A slash at the end that may be missing, and the end itself. */
const END = /(\/)?\?*(?:\\Z|\$)*$/;

/** The route without expressions, where it is known how to write it. */
export function readableRoute(route: string): string {
  let readable = '';
  let at = 0;
  for (const { 1: name, index } of route.matchAll(GROUP)) {
    // In another group, whose name is enough.
    if (index < at) continue;
    readable += `${route.slice(at, index)}<${name}>`;
    at = endOfGroup(route, index);
    if (at < 0) return route;
  }
  return at === 0 ? route : (readable + route.slice(at)).replace(END, '$1').replace(ESCAPED, '$1');
}

/** Behind the bracket that closes the one at `start`; -1: none does. */
function endOfGroup(route: string, start: number): number {
  let depth = 0;
  let isClass = false;
  for (let at = start; at < route.length; at++) {
    const character = route[at];
    if (character === '\\') at++;
    // The first character of a class is itself, as in `[]/]`.
    else if (isClass) isClass = character !== ']' || route[at - 1] === '[';
    else if (character === '[') isClass = true;
    else if (character === '(') depth++;
    else if (character === ')' && --depth === 0) return at + 1;
  }
  return -1;
}
