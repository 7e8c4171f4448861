// The lines of code that a profiler saw run. In: a range. Out: of each endpoint those within long stretches, for findings; of each service those that
// take most of its CPU. Nothing where nobody has looked.

import { endpointKey } from '../analysis/sample/request-tree.ts';
import type { CodeLine } from '../analysis/sample/sample.ts';
import type { OwnCode } from '../model/own-code.ts';
import { columns, mapRows, sums } from '../store/query.ts';
import type { AskStore } from '../store/store.ts';
import type { EndpointName, Range } from './api.ts';
import { minuteCondition } from './range.ts';

/** Of each service. */
const SHOWN = 20;

/** By endpoint, as `endpointKey` has it. */
export async function blockingLines(
  store: AskStore,
  range: Range,
): Promise<ReadonlyMap<string, readonly CodeLine[]>> {
  const table = await store.ask({
    from: 'codeLines',
    select: {
      ...columns('service', 'method', 'route', 'callSite', 'name', 'called', 'callers'),
      ...sums('blockedUs', 'looks'),
    },
    where: [minuteCondition(range), { column: 'blockedUs', from: 1 }],
    orderBy: [{ by: 'callSite' }, { by: 'called' }, { by: 'callers' }],
  });
  const byEndpoint = new Map<string, CodeLine[]>();
  mapRows(table, ({ number, text }) => {
    const key = endpointKey({ service: text('service'), method: text('method'), route: text('route') });
    const line = {
      callSite: text('callSite'),
      name: text('name'),
      called: text('called'),
      callers: text('callers'),
      blockedUs: number('blockedUs'),
      looks: number('looks'),
    };
    const known = byEndpoint.get(key);
    if (known === undefined) byEndpoint.set(key, [line]);
    else known.push(line);
  });
  return byEndpoint;
}

/** Services whose whole CPU was looked at, the lines that take most first; of one endpoint only what ran for it. */
export async function ownCodeOf(store: AskStore, range: Range, endpoint?: EndpointName): Promise<OwnCode[]> {
  const { service = '', method = '', route = '' } = endpoint ?? {};
  const ofEndpoint = Object.entries({ service, method, route }).map(([column, is]) => ({ column, is }));
  const table = await store.ask({
    from: 'codeLines',
    select: { ...columns('service', 'callSite', 'name', 'called'), ...sums('us') },
    where: [minuteCondition(range), ...(endpoint === undefined ? [] : ofEndpoint)],
    orderBy: [{ by: 'us', descending: true }, { by: 'callSite' }, { by: 'called' }],
  });
  const byService = new Map<string, { us: number; lines: OwnCode['lines'][number][] }>();
  mapRows(table, ({ number, text }) => {
    const known = byService.get(text('service')) ?? { us: 0, lines: [] };
    byService.set(text('service'), known);
    const us = number('us');
    known.us += us;
    if (us > 0 && known.lines.length < SHOWN)
      known.lines.push({ callSite: text('callSite'), name: text('name'), called: text('called'), us });
  });
  return [...byService]
    .filter(([, { us }]) => us > 0)
    .map(([service, { us, lines }]) => ({ service, us, lines }));
}
