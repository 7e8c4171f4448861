// The thread that looks for findings. In: ranges. Out: findings; asks the store through whoever started it. One range at a time: who asks
// next waits, so that it takes one core at most.

import { parentPort } from 'node:worker_threads';
import { ensure } from '../../base/assert.ts';
import type { Query, ResultTable } from '../../store/query.ts';
import type { FromWorker, ToWorker } from './finding-messages.ts';
import { searchFindings } from './finding-search.ts';

const port = ensure(parentPort ?? undefined, 'parent of the thread that looks for findings');

interface Waiting {
  readonly resolve: (table: ResultTable) => void;
  readonly reject: (error: Error) => void;
}

const waiting = new Map<number, Waiting>();
let asked = 0;
let last: Promise<unknown> = Promise.resolve();

function tell(message: FromWorker): void {
  port.postMessage(message);
}

function ask(query: Query): Promise<ResultTable> {
  const number = ++asked;
  return new Promise((resolve, reject) => {
    waiting.set(number, { resolve, reject });
    tell({ kind: 'ask', number, query });
  });
}

async function find({ number, range, part, without }: Extract<ToWorker, { kind: 'find' }>): Promise<void> {
  try {
    tell({ kind: 'found', number, findings: await searchFindings({ ask }, range, part, without) });
  } catch (error) {
    tell({ kind: 'not-found', number, why: error instanceof Error ? error.message : String(error) });
  }
}

port.on('message', (message: ToWorker) => {
  if (message.kind === 'find') {
    last = last.then(() => find(message));
    return;
  }
  const answer = waiting.get(message.number);
  waiting.delete(message.number);
  if (message.kind === 'table') answer?.resolve(message.table);
  else answer?.reject(new Error(message.why));
});
