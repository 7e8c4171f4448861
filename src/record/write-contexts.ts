// The contexts of one write, read in place. In: a window of a batch. Out: offset, request and call of each.
// One instance is reused for every write: valid during the handler's call only.

const ENTRY_BYTES = 12;

export class WriteContexts {
  #view: DataView = new DataView(new ArrayBuffer(0));
  #at = 0;
  count = 0;
  /** The i-th operation that begins in the write has the i-th context; offsets mean nothing. */
  isOrdered = false;

  reset(view: DataView, at: number, count: number, isOrdered: boolean): void {
    this.#view = view;
    this.#at = at;
    this.count = count;
    this.isOrdered = isOrdered;
  }

  offset(index: number): number {
    return this.#view.getUint32(this.#at + index * ENTRY_BYTES, true);
  }

  request(index: number): number {
    return this.#view.getUint32(this.#at + index * ENTRY_BYTES + 4, true);
  }

  call(index: number): number {
    return this.#view.getUint32(this.#at + index * ENTRY_BYTES + 8, true);
  }
}
