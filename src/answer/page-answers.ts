// The questions of the pages behind Home, over one store. In: a store with short names. Out: answers. One file per question.

import type { RequestColumns } from '../model/request-columns.ts';
import type { AskStore } from '../store/store.ts';
import type { EndpointAnswer, EndpointName, Range, SearchAnswer } from './api.ts';
import { endpoint } from './endpoint.ts';
import { endpointRequests } from './endpoint-requests.ts';
import { search } from './search.ts';

export interface PageAnswers {
  endpoint(name: EndpointName, range: Range): Promise<EndpointAnswer>;
  endpointRequests(name: EndpointName, range: Range): Promise<RequestColumns>;
  search(range: Range): Promise<SearchAnswer>;
}

export function createPageAnswers(store: AskStore): PageAnswers {
  return {
    endpoint: (name, range) => endpoint(store, name, range),
    endpointRequests: (name, range) => endpointRequests(store, name, range),
    search: (range) => search(store, range),
  };
}
