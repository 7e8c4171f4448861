// Short names of dependencies: 'Postgres shop' reads 'Postgres' while it is the only one. In: a store. Out: the same store with
// a `dependency` column as people say it. Decided from all dependencies of the recording, so that every answer says the same.

import { columns, count, textsOf, type Condition, type Query, type ResultTable } from '../store/query.ts';
import type { AskStore } from '../store/store.ts';

const COLUMN = 'dependency';
/** Stored names that begin with what it is and go on with which one (trace/dependency.ts). */
const QUALIFIED = /^(Postgres|MySQL|Redis|MongoDB|Memcached|RabbitMQ|Kafka|NATS) (.+)$/;
/** Names may change while a recording grows, when a second database appears: looked up this often. */
const KEEP_MS = 2000;

/** Wraps `store.ask`. `now` in ms: for tests. */
export function withShortNames(store: AskStore, now: () => number = () => performance.now()): AskStore {
  let names: Promise<ReadonlyMap<string, string>> | undefined;
  let readAt = 0;
  const currentNames = (): Promise<ReadonlyMap<string, string>> => {
    if (names === undefined || now() - readAt > KEEP_MS) {
      readAt = now();
      names = dependenciesOf(store).then(shortNames);
    }
    return names;
  };
  return {
    ask: async (query) => {
      if (hasDependencyCondition(query)) {
        const short = await currentNames();
        return renamed(await store.ask(withFullNames(query, short)), short);
      }
      if (!asksForDependency(query)) return store.ask(query);
      const [table, short] = await Promise.all([store.ask(query), currentNames()]);
      return renamed(table, short);
    },
  };
}

function asksForDependency({ select }: Query): boolean {
  return Object.values(select).some((each) => each.kind === 'column' && each.column === COLUMN);
}

function hasDependencyCondition({ where = [] }: Query): boolean {
  return where.some((condition) => namedBy(condition) !== undefined);
}

/** Who asks for 'Postgres' means the one that is called so here. */
function withFullNames(query: Query, short: ReadonlyMap<string, string>): Query {
  const where = query.where?.map((condition) => {
    const named = namedBy(condition);
    if (named === undefined) return condition;
    const full = [...short].filter(([, name]) => named.includes(name)).map(([name]) => name);
    return { column: COLUMN, isIn: [...named, ...full] };
  });
  return where === undefined ? query : { ...query, where };
}

/** The dependencies that a condition asks for by name. */
function namedBy(condition: Condition): readonly (string | number)[] | undefined {
  if (!('column' in condition) || condition.column !== COLUMN) return undefined;
  if ('is' in condition) return [condition.is];
  return 'isIn' in condition ? condition.isIn : undefined;
}

async function dependenciesOf(store: AskStore): Promise<readonly string[]> {
  const table = await store.ask({ from: 'rollups', select: { ...columns(COLUMN), rows: count() } });
  return textsOf(table, COLUMN);
}

/** Full name → short name, where the product alone says which one is meant. */
export function shortNames(dependencies: readonly string[]): Map<string, string> {
  const byProduct = new Map<string, string[]>();
  for (const full of dependencies) {
    const product = QUALIFIED.exec(full)?.[1];
    if (product !== undefined) byProduct.set(product, [...(byProduct.get(product) ?? []), full]);
  }
  const single = [...byProduct].filter(([, all]) => all.length === 1);
  return new Map(single.map(([product, [full = '']]) => [full, product]));
}

function renamed(table: ResultTable, short: ReadonlyMap<string, string>): ResultTable {
  const at = table.names.indexOf(COLUMN);
  const full = table.columns[at];
  if (full === undefined || full instanceof Float64Array) return table;
  const names = full.map((name) => short.get(name) ?? name);
  return { ...table, columns: table.columns.with(at, names) };
}
