// A process to be killed: appends batches of 100 requests and operations, and says the number of each that is kept.

import { openStore } from '../../src/store/open.ts';
import { batchOf, operation, request } from './store-rows.ts';

async function main(folder: string): Promise<void> {
  const store = await openStore(folder);
  const { request: last } = await store.lastIds();
  for (let number = last / 100 + 1; ; number++) {
    const ids = Array.from({ length: 100 }, (_, index) => (number - 1) * 100 + index + 1);
    await store.append(
      batchOf({
        requests: ids.map((id) => request({ id })),
        operations: ids.map((id) => operation({ id, request: id })),
      }),
    );
    process.stdout.write(`${number}\n`);
  }
}

await main(process.argv[2] ?? '');
