// The small vocabulary in which answers ask a store, so that each question is written once for every engine.

// Filled in by the store's author: see STORE (docs/decisions) for what engines must offer.
export interface Query {
  readonly from: 'requests' | 'operations' | 'rollups' | 'processes' | 'counters';
}
export interface ResultTable {
  readonly rowCount: number;
}
