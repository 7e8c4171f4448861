// HTTP requests at little cost for the one who sends them. In: a port, a path, how many, how many at a time. Out: how long it took, and each of them.
// Fails at the first answer that is not 200.

import { connect, type Socket } from 'node:net';

const END_OF_HEAD = '\r\n\r\n';

export interface Loaded {
  readonly ms: number;
  /** Of each request, ms, sorted. */
  readonly latencies: Float64Array;
}

/** `path(n)` for the n-th request. */
export async function load(
  port: number,
  count: number,
  atOnce: number,
  path: (number: number) => string,
): Promise<Loaded> {
  const latencies = new Float64Array(count);
  const started = performance.now();
  let next = 0;
  const client = async (): Promise<void> => {
    const connection = new Connection(port);
    while (next < count) {
      const number = next++;
      const sent = performance.now();
      await connection.get(path(number));
      latencies[number] = performance.now() - sent;
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: atOnce }, client));
  return { ms: performance.now() - started, latencies: latencies.sort() };
}

/** A keep-alive connection that reads as little of the answers as it can. */
class Connection {
  readonly #socket: Socket;
  #answered: () => void = () => undefined;
  #failed: (error: Error) => void = () => undefined;
  #received = '';

  constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1');
    this.#socket.setEncoding('latin1');
    this.#socket.on('data', (chunk: string) => this.#read(chunk));
    this.#socket.on('error', (error) => this.#failed(error));
    this.#socket.on('close', () => this.#failed(new Error('the server closed the connection')));
  }

  get(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#answered = resolve;
      this.#failed = reject;
      this.#socket.write(`GET ${path} HTTP/1.1\r\nHost: bench\r\n\r\n`);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(chunk: string): void {
    this.#received += chunk;
    const head = this.#received.indexOf(END_OF_HEAD);
    if (head < 0) return;
    const length = /\r\ncontent-length: (\d+)/i.exec(this.#received)?.[1];
    if (length === undefined) return this.#failed(new Error(`no length: ${this.#received.slice(0, head)}`));
    if (this.#received.length < head + END_OF_HEAD.length + Number(length)) return;
    const isGood = this.#received.startsWith('HTTP/1.1 200');
    const line = this.#received.slice(0, 200);
    this.#received = '';
    if (isGood) this.#answered();
    else this.#failed(new Error(line));
  }
}
