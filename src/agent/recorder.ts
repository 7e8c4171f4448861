// The one record writer of this thread. In: the start of recording. Out: the writer, as a variable, because hot paths read it.

import type { RecordWriter } from '../record/writer.ts';

/** `undefined` until the application loads the network layer: programs without network pay nothing. */
export let recorder: RecordWriter | undefined;

/** Says hello to the collector, even when there is nothing to record yet: a server that waits should be seen. */
export let announce: () => void = () => undefined;

export function startRecorder(writer: RecordWriter, announceProcess: () => void = () => undefined): void {
  recorder = writer;
  announce = announceProcess;
}
