// A store that keeps nothing but numbers, for checks that record. In: batches. Out: how many processes, requests and operations.

import type { Batch, Store } from '../../store/store.ts';

export class CountingStore implements Store {
  #processes = 0;
  #requests = 0;
  #operations = 0;

  counts(): { readonly processes: number; readonly requests: number; readonly operations: number } {
    return { processes: this.#processes, requests: this.#requests, operations: this.#operations };
  }

  async append({ processes, requests, operations }: Batch): Promise<void> {
    this.#processes += processes.length;
    this.#requests += requests.length;
    this.#operations += operations.length;
  }

  lastIds: Store['lastIds'] = async () => ({ request: 0, operation: 0, process: 0, connection: 0 });
  ask: Store['ask'] = () => Promise.reject(new Error('the probe asks nothing'));
  expire: Store['expire'] = async () => ({ requests: 0, operations: 0 });
  sizeBytes: Store['sizeBytes'] = async () => 0;
  close: Store['close'] = async () => {};
}
