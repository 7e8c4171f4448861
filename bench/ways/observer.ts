// A collector that keeps what each process says apart. In: agents on its socket. Out: one recording for each process or thread.

import { createServer, type Server, type Socket } from 'node:net';
import { RecordReader } from '../../src/record/reader.ts';
import { Recording } from '../attribution/recording.ts';

export class Observer {
  readonly recordings: Recording[] = [];
  /** Streams that are open. */
  readonly #streams = new Set<Socket>();
  #server: Server | undefined;

  listen(path: string): Promise<void> {
    this.#server = createServer((stream) => this.#accept(stream));
    return new Promise((resolve) => this.#server?.listen(path, resolve));
  }

  get isQuiet(): boolean {
    return this.#streams.size === 0;
  }

  close(): void {
    for (const stream of this.#streams) stream.destroy();
    this.#server?.close();
  }

  #accept(stream: Socket): void {
    this.#streams.add(stream);
    const own = new Map<number, Recording>();
    const reader = new RecordReader((process) => {
      let recording = own.get(process);
      if (recording === undefined) own.set(process, (recording = new Recording()));
      return recording;
    });
    stream.on('data', (chunk: Buffer) => reader.feed(chunk));
    stream.on('error', () => undefined);
    stream.on('close', () => {
      this.#streams.delete(stream);
      this.recordings.push(...own.values());
    });
  }
}
