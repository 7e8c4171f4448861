// Consumed messages are requests: 50 of them at once, real brokers, and every operation of a handler belongs to its message.
// Kafka needs KAFKA_LIB (CONTRIBUTING.md); without it, and without the programs of the other brokers, their cases are skipped.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { startBrokers, type BrokerName } from '../../bench/attribution/brokers.ts';
import { findProgram } from '../../scripts/servers/programs.ts';
import { testServers } from '../servers.ts';
import { appPath, runApp, TestCollector, until, type RecordOf } from './harness.ts';

const COUNT = 50;
const FAILING = 7;

interface Case {
  readonly kind: string;
  readonly broker?: BrokerName;
  readonly method?: string;
  /** What the request is for. */
  readonly target: string | RegExp;
  /** The library cannot say that a message failed. */
  readonly hidesFailure?: boolean;
  /** Its messages have no headers. */
  readonly isUntold?: boolean;
  /** Several messages are one request. */
  readonly isBatch?: boolean;
  /** Must have been compiled, in a folder that WIRETIME_NATIVE names. */
  readonly native?: string;
}

const CASES: readonly Case[] = [
  { kind: 'amqplib', broker: 'rabbit', target: 'jobs' },
  { kind: 'amqplib callbacks', broker: 'rabbit', target: 'jobs' },
  { kind: 'amqplib without answers', broker: 'rabbit', target: 'jobs', hidesFailure: true },
  { kind: 'nats callbacks', broker: 'nats', target: 'jobs.*', hidesFailure: true },
  { kind: 'nats loop', broker: 'nats', target: 'jobs.*', hidesFailure: true },
  { kind: 'nats loop, all at once', broker: 'nats', target: 'jobs.*', hidesFailure: true },
  { kind: 'kafkajs', broker: 'kafka', target: 'jobs' },
  { kind: 'kafkajs batches', broker: 'kafka', target: 'jobs', hidesFailure: true, isBatch: true },
  { kind: 'node-rdkafka', broker: 'kafka', target: /^jobs-\d+$/, hidesFailure: true, native: 'node-rdkafka' },
  {
    kind: 'node-rdkafka, delivered',
    broker: 'kafka',
    target: /^jobs-\d+$/,
    hidesFailure: true,
    native: 'node-rdkafka',
  },
  {
    kind: 'node-rdkafka batches',
    broker: 'kafka',
    target: /^jobs-\d+$/,
    hidesFailure: true,
    isBatch: true,
    native: 'node-rdkafka',
  },
  { kind: 'ioredis', target: /^jobs\.\d+$/, hidesFailure: true, isUntold: true },
  { kind: 'node-redis', target: /^jobs\.\d+$/, hidesFailure: true, isUntold: true },
  { kind: 'ws', method: 'MESSAGE', target: '/chat?a=secret', hidesFailure: true, isUntold: true },
  { kind: 'bullmq', method: 'TASK', target: 'mails:welcome' },
];

const available: ReadonlySet<BrokerName> = new Set(
  [
    findProgram('rabbitmq-server') !== undefined && ('rabbit' as const),
    findProgram('nats-server') !== undefined && ('nats' as const),
    process.env['KAFKA_LIB'] !== undefined && ('kafka' as const),
  ].filter((name) => name !== false),
);
const servers = await testServers(['redis']);
const brokers = await startBrokers(available);
after(async () => {
  await brokers.stop();
  await servers.stop();
});

/** By id of a message: the requests to which the operations of its handler were given. */
function requestsById(collector: TestCollector): Map<string, Set<number>> {
  const found = new Map<string, Set<number>>();
  for (const write of collector.of('write'))
    for (const { 1: id = '', index } of write.bytes.toString('latin1').matchAll(/message:(\w+):/g)) {
      const requests = found.get(id) ?? new Set();
      found.set(id, requests.add(requestAt(write, index)));
    }
  return found;
}

function requestAt({ contexts, isOrdered }: RecordOf<'write'>, index: number): number {
  assert.equal(isOrdered && contexts.length > 1, false, 'one command a write');
  return contexts.findLast(([offset]) => offset <= index)?.[1] ?? -1;
}

function check(one: Case, collector: TestCollector): void {
  const { method = 'CONSUME', target, hidesFailure = false, isBatch = false, isUntold = false } = one;
  const starts = new Map(collector.of('requestStart').map((start) => [start.request, start]));
  const ends = new Map(collector.of('requestEnd').map((end) => [end.request, end]));
  const byId = requestsById(collector);
  for (let id = 0; id < COUNT; id++) {
    const requests = [...(byId.get(String(id)) ?? [])];
    assert.equal(requests.length, 1, `message ${id} has one request, not ${requests.join(', ')}`);
    const [request = -1] = requests;
    const start = starts.get(request);
    assert.equal(start?.method, method);
    if (typeof target === 'string') assert.equal(start.target, target);
    else assert.match(start.target, target);
    assert.equal(ends.get(request)?.status, id === FAILING && !hidesFailure ? 500 : 200, `status of ${id}`);
  }
  const distinct = new Set([...byId.values()].flatMap((requests) => [...requests]));
  if (!isBatch) assert.equal([...distinct].filter((request) => request > 0).length, COUNT);
  assert.equal(starts.size, ends.size, 'every request ends');
  if (isUntold) return;
  const [told] = collector.of('requestTrace');
  const sender = [...starts.values()].find((start) => start.method === 'GET');
  assert.equal(told?.request, sender?.request);
  for (const start of starts.values()) {
    const isTraced = start.method === 'CONSUME' && !isBatch;
    assert.equal(start.traceparent.slice(3, 35), isTraced ? told?.traceparent.slice(3, 35) : '');
  }
}

/** Each message that was sent is an operation of the request that sent it. */
function checkProduced(collector: TestCollector): void {
  const sender = collector.of('requestStart').find(({ method }) => method === 'GET');
  const produced = collector
    .of('driverOperation')
    .map(({ request, statement, error }) => [request, statement.replace(/\d+/, 'N'), error]);
  assert.deepEqual(
    produced,
    Array.from({ length: COUNT }, () => [sender?.request, 'Produce jobs-N', '']),
  );
}

/** BullMQ asks Redis where no stack leads to who added the jobs. */
function checkPlace(collector: TestCollector): void {
  const scripts = collector
    .of('write')
    .filter(({ bytes }) => /\r\neval(sha)?\r\n/.test(bytes.toString('latin1')));
  const calls = new Set(scripts.flatMap(({ contexts }) => contexts.map(([, , call]) => call)));
  const sites = new Set(
    collector.of('call').flatMap(({ call, callSite }) => (calls.has(call) ? [callSite] : [])),
  );
  const stacks = collector
    .of('callSite')
    .flatMap(({ callSite, stack }) => (sites.has(callSite) ? [stack] : []));
  const lines = readFileSync(appPath('consumers.cjs'), 'utf8').split('\n');
  const line = lines.findIndex((text) => text.includes('queue.addBulk(')) + 1;
  assert.ok(
    stacks.some((stack) => stack.includes(`consumers.cjs:${line}:`)),
    `${stacks.length} call sites: ${stacks.join('; ')}`,
  );
}

const NATIVE = process.env['WIRETIME_NATIVE'] || undefined;

function missing({ broker, native }: Case): string | false {
  if (native !== undefined && (NATIVE === undefined || !existsSync(join(NATIVE, 'node_modules', native))))
    return `${native} is not installed`;
  return broker !== undefined && !available.has(broker) && `${broker} is not installed`;
}

describe('consumed messages', () => {
  for (const one of CASES)
    test(one.kind, { skip: missing(one), timeout: 60_000 }, async () => {
      const collector = await new TestCollector().listen();
      const port = one.broker === undefined ? 0 : brokers.ports[one.broker];
      const args = [one.kind, String(port), String(servers.redis.port)];
      const app = await runApp(appPath('consumers.cjs'), { collector, args });
      assert.equal(app.stdout, 'done\n', app.stderr);
      check(one, collector);
      if (one.native !== undefined) checkProduced(collector);
      if (one.kind === 'bullmq') checkPlace(collector);
      if (one.kind === 'nats loop')
        assert.deepEqual(
          [...(requestsById(collector).get('none') ?? [])],
          [0],
          'what follows the loop is of no request',
        );
      await collector.close();
    });

  test(
    'a rejection that nobody handles ends the program as without the agent',
    { timeout: 60_000 },
    async () => {
      const collector = await new TestCollector().listen();
      const args = ['nobody handles', '0', String(servers.redis.port)];
      const [bare, traced] = await Promise.all([
        runApp(appPath('consumers.cjs'), { args, isBare: true }),
        runApp(appPath('consumers.cjs'), { args, collector }),
      ]);
      for (const { code, stderr } of [bare, traced]) {
        assert.equal(code, 1);
        assert.match(stderr, /Error: nobody handles this\n {4}at /);
      }
      await until('the request ends', () => collector.of('requestEnd').length === 1);
      assert.equal(collector.of('requestEnd')[0]?.status, 500);
      await collector.close();
    },
  );
});
