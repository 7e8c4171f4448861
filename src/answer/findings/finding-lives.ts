// What has become of each finding so far: kept in the store as changes that are only appended. In: a store. Out: lives by id; new changes.
// Not here: when something changes (analysis/life.ts), what is measured (finding-progress.ts).

import type { Snapshot } from '../../analysis/life.ts';
import { FINDING_STATES, type FindingChange, type FindingState, type Measures } from '../../model/finding.ts';
import type { FindingChangeRow } from '../../model/row.ts';
import { columns, mapRows, type RowReader } from '../../store/query.ts';
import type { AppendStore, AskStore } from '../../store/store.ts';
import type { TwoDistributions } from '../api.ts';

/** A finding as it was when it was last seen open, with the chart of its page. */
export interface Kept extends Snapshot {
  readonly distribution: Omit<TwoDistributions, 'measured'>;
}

/** What was measured when a verdict was given. */
export interface Measured {
  readonly measured: Measures;
  readonly stillShare: number;
}

export interface KnownLife {
  readonly id: string;
  readonly kept: Kept;
  readonly state: FindingState;
  readonly since: number;
  readonly history: readonly FindingChange[];
  /** When it was last said to be changed, ms; undefined: never. */
  readonly verifyingSince: number | undefined;
  /** Of the last verdict. */
  readonly last: Measured | undefined;
}

/** What a change leaves in the store. */
interface Data {
  readonly kept?: Kept;
  readonly last?: Measured;
}

export type ChangingStore = AskStore & Partial<Pick<AppendStore, 'append'>>;

/** The finding's states stay in one process at a time: the one that holds the store. */
export class FindingLives {
  readonly #store: ChangingStore;
  #lives: Promise<Map<string, KnownLife>> | undefined;

  constructor(store: ChangingStore) {
    this.#store = store;
  }

  async all(): Promise<ReadonlyMap<string, KnownLife>> {
    this.#lives ??= read(this.#store);
    try {
      return await this.#lives;
    } catch (error) {
      this.#lives = undefined;
      throw error;
    }
  }

  /** Rejects with the store's sentence when it cannot be kept. */
  async change(id: string, change: FindingChange, data: Data): Promise<KnownLife | undefined> {
    const lives = new Map(await this.all());
    const next = withChange(lives.get(id), id, change, data);
    if (next === undefined) return undefined;
    if (this.#store.append === undefined) throw new Error('This recording can only be looked at.');
    await this.#store.append(batchOf(rowOf(id, change, data)));
    lives.set(id, next);
    this.#lives = Promise.resolve(lives);
    return next;
  }
}

async function read(store: AskStore): Promise<Map<string, KnownLife>> {
  const table = await store.ask({
    from: 'findingChanges',
    select: columns('findingId', 'atUs', 'state', 'isByPerson', 'note', 'data'),
    orderBy: [{ by: 'atUs' }],
  });
  const lives = new Map<string, KnownLife>();
  for (const { id, change, data } of mapRows(table, rowRead)) {
    const next = withChange(lives.get(id), id, change, data);
    if (next !== undefined) lives.set(id, next);
  }
  return lives;
}

function rowRead(row: RowReader): { id: string; change: FindingChange; data: Data } {
  const change: FindingChange = {
    state: FINDING_STATES.find(({ key }) => key === row.text('state'))?.key ?? 'open',
    at: Math.floor(row.number('atUs') / 1000),
    isByPerson: row.number('isByPerson') === 1,
    note: row.text('note'),
  };
  return { id: row.text('findingId'), change, data: dataIn(row.text('data')) };
}

/** Written by rowOf. A file of another version may hold something else: then nothing is known. */
function dataIn(text: string): Data {
  try {
    return JSON.parse(text) as Data;
  } catch {
    return {};
  }
}

/** undefined: nothing is known of the finding itself. */
function withChange(
  life: KnownLife | undefined,
  id: string,
  change: FindingChange,
  data: Data,
): KnownLife | undefined {
  const kept = data.kept ?? life?.kept;
  if (kept === undefined) return undefined;
  return {
    id,
    kept,
    state: change.state,
    since: change.at,
    history: [...(life?.history ?? []), change],
    verifyingSince: change.state === 'verifying' ? change.at : life?.verifyingSince,
    last: change.state === 'verifying' ? undefined : (data.last ?? life?.last),
  };
}

function rowOf(findingId: string, change: FindingChange, data: Data): FindingChangeRow {
  const { state, at, isByPerson, note } = change;
  return { findingId, atUs: at * 1000, state, isByPerson, note, data: JSON.stringify(data) };
}

function batchOf(row: FindingChangeRow) {
  return { processes: [], requests: [], operations: [], rollups: [], counters: [], findingChanges: [row] };
}
