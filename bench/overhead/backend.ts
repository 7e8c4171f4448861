// One backend under test, in a process of its own. In: environment. Out: its port; CPU and memory whenever asked.

import { fork, type ChildProcess } from 'node:child_process';

export interface Usage {
  /** User and system time of the whole process since its start. */
  readonly cpuUs: number;
  readonly userUs: number;
}

/** After a garbage collection. */
export interface Memory {
  readonly rssBytes: number;
  /** Of no other process: without the files that all Node processes share. */
  readonly privateBytes: number;
  /** Objects, and buffers beside them. */
  readonly heapBytes: number;
}

export class Backend {
  readonly #child: ChildProcess;
  port = 0;
  /** CPU until it listened. */
  startupMs = 0;

  constructor(file: string, env: NodeJS.ProcessEnv, node: string) {
    this.#child = fork(new URL(file, import.meta.url), { env, execArgv: [], execPath: node });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  async listens(): Promise<this> {
    const { port, cpuUs } = (await this.#answer()) as { readonly port: number; readonly cpuUs?: number };
    this.port = port;
    this.startupMs = (cpuUs ?? 0) / 1000;
    return this;
  }

  async usage(): Promise<Usage> {
    return (await this.ask('usage')) as Usage;
  }

  async memory(): Promise<Memory> {
    return (await this.ask('memory')) as Memory;
  }

  async ask(question: string | object): Promise<unknown> {
    const answer = this.#answer();
    this.#child.send(question);
    return await answer;
  }

  async stop(): Promise<void> {
    const exit = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.send('exit');
    await exit;
  }

  #answer(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const ended = (code: number | null): void => reject(new Error(`the backend ended with ${code}`));
      this.#child.once('exit', ended);
      this.#child.once('message', (message) => {
        this.#child.off('exit', ended);
        resolve(message);
      });
    });
  }
}
