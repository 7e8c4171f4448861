// A pipeline that is played through at once. In: what agents sent. Out: the rows, and what was counted.

import { Pipeline } from '../src/collector/pipeline.ts';
import type { Batch } from '../src/store/store.ts';
import type { AgentScene } from './agent-scene.ts';

export type Played = Batch & { readonly counts: Readonly<Record<string, number>> };

export const newPipeline = (): Pipeline =>
  new Pipeline({ request: 0, operation: 0, process: 0, connection: 0 });

/** Each agent after the one before. */
export function run(...agents: readonly AgentScene[]): Played {
  const pipeline = newPipeline();
  for (const agent of agents) {
    const stream = pipeline.open();
    stream.feed(agent.bytes());
    stream.end();
  }
  pipeline.finish();
  return { ...pipeline.take(), counts: pipeline.counters() };
}

/** Agents at the same time, each with its bytes in pieces. */
export function played(...agents: readonly (readonly Buffer[])[]): Played {
  const pipeline = newPipeline();
  const streams = agents.map((pieces) => {
    const stream = pipeline.open();
    for (const bytes of pieces) stream.feed(bytes);
    return stream;
  });
  for (const stream of streams) stream.end();
  pipeline.finish();
  return { ...pipeline.take(), counts: pipeline.counters() };
}

/** A Redis command and its answer. */
export const GET = '*2\r\n$3\r\nGET\r\n$6\r\nsess:1\r\n';
export const VALUE = '$2\r\nok\r\n';
