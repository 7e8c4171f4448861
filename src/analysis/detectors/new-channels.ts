// D7 for AMQP: a channel is opened and closed for a message, where one that stays open could be used.
// Evidence: `channel.open` in requests, again and again, beside messages that are published; with it go `confirm.select` and `channel.close`.
// Thresholds: those of new connections: a fifth of the messages, 8 of them, also in the later half.
// Cannot tell: whether the program needs an order of its own for each message, which is the one reason for many channels.

import { formatDuration, formatWholeShare } from '../../base/numbers.ts';
import { emptyChange, NO_PHASES, type ChangeBuilder } from '../replay/change.ts';
import { lineOf, usualCallSite } from '../sample/occurrences.ts';
import { endpointKey, groupBy, type RequestNode, type SampledOperation } from '../sample/request-tree.ts';
import { medianOf } from '../statistics/chances.ts';
import type { Detector, Steps, Suspicion } from './detector.ts';
import { keepChannelFix } from './fixes.ts';

const LEAST_SHARE = 0.2;
const LEAST_OPENINGS = 8;
const EVERY_SHARE = 0.9;
const AROUND = new Set(['channel.open', 'confirm.select', 'channel.close']);

export const newChannels: Detector = {
  kind: 'new-connections',
  *detect(sample): Steps {
    const users = sample.nodes.map(useOf).filter(({ messages }) => messages > 0);
    for (const uses of groupBy(
      users,
      ({ node, dependency }) => `${node.request.service}\n${dependency}`,
    ).values()) {
      yield* suspicionOf(uses.toSorted((a, b) => a.node.request.atUs - b.node.request.atUs));
      yield undefined;
    }
  },
};

/** What one request does with channels. */
interface Use {
  readonly node: RequestNode;
  readonly dependency: string;
  readonly messages: number;
  readonly openings: readonly SampledOperation[];
  /** Openings and what goes with them. */
  readonly around: readonly SampledOperation[];
}

function useOf(node: RequestNode): Use {
  const calls = node.operations.filter(({ protocol }) => protocol === 'amqp');
  const openings = calls.filter(({ statement }) => statement === 'channel.open');
  const around = openings.length === 0 ? [] : calls.filter(({ statement }) => AROUND.has(statement));
  const dependency = calls[0]?.dependency ?? '';
  return {
    node,
    dependency,
    messages: calls.filter(({ statement }) => statement.startsWith('publish ')).length,
    openings,
    around,
  };
}

function suspicionOf(uses: readonly Use[]): Suspicion[] {
  const opening = uses.filter(({ openings }) => openings.length > 0);
  const openings = opening.flatMap((use) => use.openings);
  const most = mostOf(opening);
  const endpoint = most[0]?.node.request;
  const [at] = most.flatMap((use) => use.openings);
  if (at === undefined || endpoint === undefined || openings.length < LEAST_OPENINGS || !goesOn(uses))
    return [];
  const share = openings.length / sumOf(uses, ({ messages }) => messages);
  const often = share >= EVERY_SHARE ? 'every message' : `${formatWholeShare(share)} of the messages`;
  const us = medianOf(
    opening.map((use) => sumOf(use.around, ({ durationUs }) => durationUs) / use.openings.length),
  );
  return [
    {
      kind: 'new-connections',
      title: `A new channel for ${often} to ${at.dependency}: ${formatDuration(us)} around each`,
      endpoint,
      at,
      callSite: lineOf(usualCallSite(openings)),
      requests: opening.map(({ node }) => node),
      lookedAt: uses.length,
      change: without(opening),
      confidence: 'high',
      fix: keepChannelFix(),
    },
  ];
}

/** All of it, and the later half: a process opens some when it starts. */
function goesOn(uses: readonly Use[]): boolean {
  return [uses, uses.slice(uses.length >> 1)].every(
    (some) =>
      sumOf(some, ({ openings }) => openings.length) >= LEAST_SHARE * sumOf(some, ({ messages }) => messages),
  );
}

/** The endpoint with most openings stands for all; of several with as many the first by name. */
function mostOf(opening: readonly Use[]): readonly Use[] {
  const groups = [...groupBy(opening, ({ node }) => endpointKey(node.request))];
  const count = (uses: readonly Use[]): number => sumOf(uses, ({ openings }) => openings.length);
  return (
    groups.toSorted(([a, uses], [b, others]) => count(others) - count(uses) || (a < b ? -1 : 1))[0]?.[1] ?? []
  );
}

function without(opening: readonly Use[]): ChangeBuilder {
  const change = emptyChange();
  for (const { around } of opening) for (const { id } of around) change.phases.set(id, NO_PHASES);
  return change;
}

function sumOf<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + of(item), 0);
}
