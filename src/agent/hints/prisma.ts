// Where the application asks Prisma (6 and 7, with a driver of JavaScript). It gathers what is asked in one turn, and gives up the stack for
// that. In: what Prisma tells whoever traces it, through the globals that @prisma/instrumentation sets, too. Out: the call site, carried to
// the driver. Prisma looks there at each operation: once the application traces Prisma itself, nothing is carried any more.

import { BoundedMap } from '../../base/bounded.ts';
import { runCarrying, type Carried } from '../calls/carried-site.ts';
import { siteOfNow } from '../calls/calls.ts';
import { now } from '../clock.ts';
import { active, fail } from '../guard.ts';

/** One for each major version, within which nothing is added to what a helper must have. */
const GLOBALS = ['V6_PRISMA_INSTRUMENTATION', 'V7_PRISMA_INSTRUMENTATION'];
/** Where Prisma looks when there is no helper for its version. */
const FOR_ANY_VERSION = 'PRISMA_INSTRUMENTATION';

interface Span {
  readonly name?: unknown;
  readonly attributes?: { readonly name?: unknown };
}

/** Does what Prisma does where nobody traces it, and notes something in one method. */
const helper = {
  isEnabled: (): boolean => false,
  getTraceParent: (): string => '00-10-10-00',
  getActiveContext: (): undefined => undefined,
  createEngineSpan: (): Promise<void> => Promise.resolve(),
  dispatchEngineSpans: (_parent?: unknown, spans?: unknown, dispatch?: unknown): void => {
    if (!Array.isArray(spans) || typeof dispatch !== 'function') return;
    for (const span of spans) Reflect.apply(dispatch, undefined, [span]);
  },
  runInChildSpan: (span: Span | string, callback: () => unknown): unknown => {
    const name = active ? turnOf(span) : '';
    return name === '' ? callback() : runPlaced(name, callback);
  },
};

const holder = {
  get helper(): typeof helper | undefined {
    const others: unknown = Reflect.get(globalThis, FOR_ANY_VERSION);
    const isTraced = typeof others === 'object' && others !== null && 'helper' in others;
    return isTraced ? undefined : helper;
  },
};

/** Not enumerable: nobody who lists globals meets them. */
export function installPrisma(): void {
  for (const name of GLOBALS)
    if (!(name in globalThis))
      Reflect.defineProperty(globalThis, name, {
        value: holder,
        configurable: true,
        enumerable: false,
        writable: true,
      });
}

/** Of each operation the first, and then one each second: what is carried is for few, so that most take no step more than without. */
const FIRST = 8;
const PAUSE_NS = 1e9;
const OPERATION_LIMIT = 1000;

interface Turns {
  count: number;
  lastNs: number;
}

const turns = new BoundedMap<string, Turns>(OPERATION_LIMIT);

/** The name of an operation whose call site is wanted; '': it is not. */
function turnOf(span: Span | string): string {
  try {
    if (typeof span === 'string' || span.name !== 'operation') return '';
    const name = `prisma ${String(span.attributes?.name)}`;
    let known = turns.get(name);
    if (known === undefined) turns.set(name, (known = { count: 0, lastNs: 0 }));
    const time = now();
    if (known.count++ >= FIRST && time - known.lastNs < PAUSE_NS) return '';
    known.lastNs = time;
    return name;
  } catch (error) {
    fail(error);
    return '';
  }
}

function runPlaced(name: string, callback: () => unknown): unknown {
  const carried: Carried = { callSite: 0 };
  const running = runCarrying(carried, callback);
  return running instanceof Promise ? placed(name, carried, running) : running;
}

/** Whoever awaits this is on the stack of both, of the driver that is asked without a turn between, too. */
async function placed(name: string, carried: Carried, running: Promise<unknown>): Promise<unknown> {
  const [answer] = await Promise.all([running, place(name, carried)]);
  return answer;
}

/** Who awaits an operation hangs on it two steps later; still before Prisma asks for what it has gathered in this turn. */
async function place(name: string, carried: Carried): Promise<void> {
  await undefined;
  await undefined;
  try {
    carried.callSite = siteOfNow(name);
  } catch (error) {
    fail(error);
  }
}
