// The pages on their port. In: answers, and what the user said about host and port. Out: an address.
// A port that was asked for is used or refused; the default one gives way to the next free one.

import type { Answers } from '../../answer/answers.ts';
import { startServer, type RunningServer } from '../../server/server.ts';
import { Failure, messageOf } from '../failure.ts';

export interface PagesOptions {
  /** Undefined: 7717, or the next free one. */
  readonly port: number | undefined;
  readonly host: string;
  readonly token: string | undefined;
}

export async function startPages(answers: Answers, options: PagesOptions): Promise<RunningServer> {
  const { port, host, token } = options;
  const server = await startServer({
    answers,
    host,
    ...(port === undefined ? {} : { port }),
    ...(token === undefined ? {} : { token }),
  }).catch((error: unknown) => {
    throw new Failure(messageOf(error), undefined, { cause: error });
  });
  if (port === undefined || port === 0 || server.port === port) return server;
  await server.close();
  throw new Failure(
    `Port ${port} is taken by another program. Stop that one, or choose another port: --port N`,
  );
}
