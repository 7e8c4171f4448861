// A recording that nobody adds to: the same question has the same answer. In: its store. Out: the same store, which is asked each question
// once. Pages ask for the extent of the recording, its processes and its counters again and again. Not for one that is being made.

import type { Query, ResultTable } from '../store/query.ts';
import type { ChangingStore } from './findings/finding-lives.ts';

/** A page asks some twenty questions; those of the last dozen pages are kept. */
const MOST_QUESTIONS = 256;
/** Larger answers are of one page alone. 256 of 2000 rows and ten columns are 40 MB at most; usual ones have twenty rows. */
const MOST_ROWS = 2000;

export function rememberedStore(store: ChangingStore): ChangingStore {
  const answers = new Map<string, Promise<ResultTable>>();
  const askFirst = async (query: Query, key: string): Promise<ResultTable> => {
    const answer = store.ask(query);
    answers.set(key, answer);
    const [oldest] = answers.keys();
    if (answers.size > MOST_QUESTIONS && oldest !== undefined) answers.delete(oldest);
    const table = await answer.catch(() => undefined);
    if ((table === undefined || !isSmall(table)) && answers.get(key) === answer) answers.delete(key);
    return answer;
  };
  return {
    async ask(query) {
      const key = JSON.stringify(query);
      const known = answers.get(key);
      const table = await (known ?? askFirst(query, key));
      if (isSmall(table)) return copied(table);
      // Whoever asked first has it, and may do with it what he likes.
      return known === undefined ? table : store.ask(query);
    },
    async append(batch) {
      // What somebody says of a finding is added even here.
      try {
        await store.append?.(batch);
      } finally {
        answers.clear();
      }
    },
  };
}

function isSmall({ rowCount }: ResultTable): boolean {
  return rowCount <= MOST_ROWS;
}

/** Numbers are handed on to other threads, and are gone then. */
function copied(table: ResultTable): ResultTable {
  return { ...table, columns: table.columns.map((column) => column.slice()) };
}
