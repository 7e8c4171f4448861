// The one record writer of this thread. In: the start of recording. Out: the writer, as a variable, because hot paths read it.

import type { RecordWriter } from '../record/writer.ts';

/** `undefined` until the application loads the network layer: programs without network pay nothing. */
export let recorder: RecordWriter | undefined;

/** Says hello to the collector, even when there is nothing to record yet: a server that waits should be seen. */
export let announce: () => void = () => undefined;

/** Sends what was recorded, now, as far as it goes without waiting. With the collector waking up: 20-40 µs. */
export let flush: () => void = () => undefined;

/**
 * Grows with each new stream to a collector after the first: it may be another one, that has not heard of what is open. Whatever is told
 * only once keeps the epoch in which it was told, and is told again when it is used in a later one.
 */
export let epoch = 0;

export function beginEpoch(): void {
  epoch++;
}

/** The way to the collector. */
export interface Transport {
  announce(): void;
  flush(): void;
}

export function startRecorder(writer: RecordWriter, transport?: Transport): void {
  recorder = writer;
  if (transport === undefined) return;
  announce = () => transport.announce();
  flush = () => transport.flush();
}
