// The questions of the pages behind Home, over one store. In: a store with short names. Out: answers. One file per question.

import type { RequestColumns } from '../model/request-columns.ts';
import type { AskStore } from '../store/store.ts';
import type {
  ConnectionsAnswer,
  EndpointAnswer,
  EndpointName,
  MapAnswer,
  OperationAnswer,
  PoolAnswer,
  PoolWindowAnswer,
  Range,
  SearchAnswer,
  WhatIfAnswer,
} from './api.ts';
import type { FindingAnswers } from './findings/finding-answers.ts';
import { endpoint } from './endpoints/endpoint.ts';
import { endpointRequests } from './endpoints/endpoint-requests.ts';
import { connections } from './connections/connections.ts';
import { map } from './map.ts';
import { operation } from './endpoints/operation.ts';
import { pool, poolWindow, type PoolName } from './connections/pool.ts';
import { poolWhatIf } from './connections/pool-what-if.ts';
import { search } from './search.ts';

export interface PageAnswers extends Partial<FindingAnswers> {
  endpoint(name: EndpointName, range: Range): Promise<EndpointAnswer>;
  endpointRequests(name: EndpointName, range: Range): Promise<RequestColumns>;
  search(range: Range): Promise<SearchAnswer>;
  map(range: Range): Promise<MapAnswer>;
  connections(range: Range): Promise<ConnectionsAnswer>;
  /** undefined: there is no such pool in this time. */
  pool(name: PoolName, range: Range): Promise<PoolAnswer | undefined>;
  poolWindow(name: PoolName, window: PoolAnswer['first']): Promise<PoolWindowAnswer>;
  /** undefined: nobody waits for it. */
  poolWhatIf(name: PoolName, range: Range): Promise<WhatIfAnswer | undefined>;
  /** undefined: it is not, or no longer, stored. */
  operation(id: number, range: Range): Promise<OperationAnswer | undefined>;
}

export function createPageAnswers(store: AskStore): PageAnswers {
  return {
    endpoint: (name, range) => endpoint(store, name, range),
    endpointRequests: (name, range) => endpointRequests(store, name, range),
    search: (range) => search(store, range),
    map: (range) => map(store, range),
    connections: (range) => connections(store, range),
    pool: (name, range) => pool(store, name, range),
    poolWindow: (name, window) => poolWindow(store, name, window),
    poolWhatIf: (name, range) => poolWhatIf(store, name, range),
    operation: (id, range) => operation(store, id, range),
  };
}
