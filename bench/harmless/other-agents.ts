// Together with other tracers: is a program that one of them traces the same when wiretime is loaded as well, before it or after it?
// In: the programs of test/agent/apps/guest/, the tracers of bench/overhead/. Out: a verdict for each program, tracer and order.

import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { install, TRACERS } from '../overhead/tracers.ts';
import { compare, type Judged } from './outcome.ts';
import { run, type Command } from './program.ts';

const APPS = ['peers.cjs', 'threads.cjs'];
const ORDERS = ['before', 'after'] as const;
const TIMEOUT_MS = 60_000;
/** Nobody listens: what tracers export is not the point. */
const CLOSED_PORT = 1;

/** `only`: which cases. */
export async function compareWithOthers(
  node: string,
  agent: string,
  only: RegExp,
  say: (judged: Judged) => void,
): Promise<readonly Judged[]> {
  const judged: Judged[] = [];
  for (const tracer of TRACERS) {
    const file = install(tracer);
    if (file === undefined) continue;
    for (const app of APPS)
      for (const name of casesOf(app).filter((one) => only.test(one)))
        for (const order of ORDERS) {
          const command = commandOf(node, app, name, tracer.env(CLOSED_PORT, false));
          const one = await compare(`${tracer.name} ${order} wiretime, ${app}: ${name}`, (isTraced) =>
            run({ ...command, [order]: file }, isTraced ? agent : undefined),
          );
          judged.push(one);
          if (one.verdict !== 'equal' || one.agentErrors.length > 0) say(one);
        }
  }
  return judged;
}

function appPath(app: string): string {
  return resolve('test/agent/apps/guest', app);
}

function casesOf(app: string): readonly string[] {
  return execFileSync(process.execPath, [appPath(app), '--list'], { encoding: 'utf8' })
    .trim()
    .split('\n');
}

function commandOf(node: string, app: string, name: string, env: Readonly<Record<string, string>>): Command {
  return { file: node, args: [appPath(app), name], folder: resolve('.'), env, timeoutMs: TIMEOUT_MS };
}
