// What processes say of themselves: the pools of connections that they have made, when they were started. In: a store. Out: the same by process,
// and the library of a service.

import type { Language } from '../../analysis/sample/request-tree.ts';
import type { ProtocolName } from '../../model/protocol.ts';
import type { PoolPlace } from '../../model/row.ts';
import { column, columns, mapRows } from '../../store/query.ts';
import type { AskStore } from '../../store/store.ts';

export async function poolPlaces(store: AskStore): Promise<ReadonlyMap<number, readonly PoolPlace[]>> {
  const table = await store.ask({ from: 'processes', select: columns('id', 'pools') });
  return new Map(mapRows(table, (row) => [row.number('id'), poolsIn(row.text('pools'))] as const));
}

/** Process → the language of its code. */
export async function processLanguages(store: AskStore): Promise<ReadonlyMap<number, Language>> {
  const table = await store.ask({ from: 'processes', select: columns('id', 'runtime') });
  return new Map(
    mapRows(
      table,
      (row) => [row.number('id'), row.text('runtime') === 'python' ? 'python' : 'javascript'] as const,
    ),
  );
}

/** Process → when it was started, µs since 1970. */
export async function processStarts(store: AskStore): Promise<ReadonlyMap<number, number>> {
  const table = await store.ask({ from: 'processes', select: columns('id', 'startedAtUs') });
  return new Map(mapRows(table, (row) => [row.number('id'), row.number('startedAtUs')] as const));
}

/** Written by this program as JSON. */
function poolsIn(text: string): PoolPlace[] {
  return JSON.parse(text) as PoolPlace[];
}

const PROTOCOL_OF: Readonly<Record<string, ProtocolName>> = { pg: 'postgres', mysql2: 'mysql' };

/** The library whose pools a service has for a protocol; '' when there is none, or more than one. */
export async function libraryOf(store: AskStore, service: string, protocol: ProtocolName): Promise<string> {
  const table = await store.ask({
    from: 'processes',
    select: { pools: column('pools') },
    where: [{ column: 'service', is: service }],
  });
  const pools = mapRows(table, (row) => poolsIn(row.text('pools'))).flat();
  const libraries = new Set(
    pools.map(({ library }) => library).filter((name) => PROTOCOL_OF[name] === protocol),
  );
  return libraries.size === 1 ? ([...libraries][0] ?? '') : '';
}
