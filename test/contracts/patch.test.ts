// What every patch must leave as it was: names, lengths, own keys, descriptors; and that it can be taken away again.
// In: a list of patches with the objects they touch. A new patch is added here first.

import assert from 'node:assert/strict';
import { Socket as DatagramSocket } from 'node:dgram';
import { EventEmitter, once } from 'node:events';
import { connect, createServer, Server, Socket, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { installEmitterInit } from '../../src/agent/emitter-init.ts';
import { activate } from '../../src/agent/guard.ts';
import { wrap, type Method, type Uninstall } from '../../src/agent/hook.ts';
import { installAddons } from '../../src/agent/drivers/addons.ts';
import { installDgram } from '../../src/agent/patches/dgram.ts';
import { installNet } from '../../src/agent/patches/net.ts';
import { installServer } from '../../src/agent/patches/server.ts';
import { onProcessEnd } from '../../src/agent/process-end.ts';
import { startRecorder } from '../../src/agent/recorder.ts';
import { RecordWriter } from '../../src/record/writer.ts';

interface Patch {
  readonly name: string;
  readonly target: object;
  readonly methods: readonly string[];
  install(): Uninstall;
}

const PATCHES: readonly Patch[] = [
  {
    name: 'net.Socket',
    target: Socket.prototype,
    methods: ['write', 'end', '_writeGeneric', 'push', 'connect', 'emit'],
    install: () => installNet(Socket.prototype),
  },
  {
    name: 'net.Server',
    target: Server.prototype,
    methods: ['emit'],
    install: () => installServer(Server.prototype),
  },
  { name: 'EventEmitter', target: EventEmitter, methods: ['init'], install: installEmitterInit },
  {
    name: 'process',
    target: Object.getPrototypeOf(process) as object,
    methods: ['emit'],
    install: () => onProcessEnd(() => undefined),
  },
  {
    name: 'dgram.Socket',
    target: DatagramSocket.prototype,
    methods: ['send', 'emit'],
    install: () => installDgram(DatagramSocket.prototype),
  },
  { name: 'process.dlopen', target: process, methods: ['dlopen'], install: installAddons },
];

/** All that code can see of a method without calling it. */
function looksOf(target: object, method: string): object {
  const value: unknown = Reflect.get(target, method);
  assert.ok(typeof value === 'function');
  const own = Object.getOwnPropertyDescriptor(target, method);
  return {
    name: value.name,
    length: value.length,
    keys: Reflect.ownKeys(value),
    prototype: Object.getPrototypeOf(value) as unknown,
    descriptors: Reflect.ownKeys(value).map((key) => Object.getOwnPropertyDescriptor(value, key)),
    flags: own && {
      enumerable: own.enumerable,
      configurable: own.configurable,
      writable: own.writable,
    },
  };
}

for (const patch of PATCHES)
  test(`${patch.name}: nothing is seen of the patch, and it can be taken away`, () => {
    const keysBefore = Reflect.ownKeys(patch.target);
    const before = patch.methods.map((method) => Reflect.get(patch.target, method) as unknown);
    const looksBefore = patch.methods.map((method) => looksOf(patch.target, method));
    const uninstall = patch.install();
    for (const [index, method] of patch.methods.entries()) {
      assert.notEqual(Reflect.get(patch.target, method), before[index], `${method} is patched`);
      const { flags: flagsBefore, ...rest } = looksBefore[index] as { flags: unknown };
      const { flags, ...restNow } = looksOf(patch.target, method) as { flags: unknown };
      assert.deepEqual(restNow, rest);
      if (flagsBefore !== undefined) assert.deepEqual(flags, flagsBefore);
    }
    const inherited = patch.methods.filter((method) => !keysBefore.includes(method));
    assert.deepEqual(new Set(Reflect.ownKeys(patch.target)), new Set([...keysBefore, ...inherited]));

    uninstall();
    assert.deepEqual(Reflect.ownKeys(patch.target), keysBefore);
    for (const [index, method] of patch.methods.entries())
      assert.equal(Reflect.get(patch.target, method), before[index]);
  });

for (const patch of PATCHES)
  test(`${patch.name}: a second installation changes nothing`, () => {
    const uninstall = patch.install();
    const once = patch.methods.map((method) => Reflect.get(patch.target, method) as unknown);
    const again = patch.install();
    assert.deepEqual(
      patch.methods.map((method) => Reflect.get(patch.target, method) as unknown),
      once,
    );
    again();
    assert.deepEqual(
      patch.methods.map((method) => Reflect.get(patch.target, method) as unknown),
      once,
    );
    uninstall();
  });

/** All that code can see of a socket that has talked to a server. */
async function keysOfUsedSocket(): Promise<Set<PropertyKey>> {
  const server = createServer((socket) => socket.end('x')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.resume().write('hello');
  await once(socket, 'close');
  server.close();
  const listeners = socket.eventNames().map((name) => `${String(name)} ${socket.listenerCount(name)}`);
  return new Set([...Reflect.ownKeys(socket), ...listeners]);
}

test('nothing is seen of the agent on a socket that it takes notes of', async () => {
  const bare = await keysOfUsedSocket();
  const uninstalls = PATCHES.map((patch) => patch.install());
  const writer = new RecordWriter({ next: () => undefined, started: () => undefined });
  startRecorder(writer);
  activate(() => undefined);
  const traced = await keysOfUsedSocket();
  for (const uninstall of uninstalls) uninstall();
  assert.ok(writer.droppedRecords > 4, 'it did take notes');
  assert.deepEqual(traced, bare);
});

const counting =
  (original: Method) =>
  (...args: unknown[]): unknown =>
    original(...args);

test('somebody wrapped on top: uninstalling leaves theirs alone', () => {
  const target = { hello: () => 'hello' };
  const uninstall = wrap(target, 'hello', counting);
  const ours = target.hello;
  const theirs = (): string => `${ours()}!`;
  target.hello = theirs;
  uninstall();
  assert.equal(target.hello, theirs);
  assert.equal(target.hello(), 'hello!');
});

test('an inherited method that is patched above later: the wrapper calls what is there then', () => {
  const above = { hello: (): string => 'hello' };
  const target = Object.create(above) as typeof above;
  const direct = wrap(target, 'hello', (_original, below) => () => `${String(below.hello.call(target))}?`);
  above.hello = () => 'good day';
  assert.equal(target.hello(), 'good day?');
  direct();
  wrap(target, 'hello', counting);
  above.hello = () => 'good night';
  assert.equal(target.hello(), 'good night');
});

test('frozen, missing, not a function, a getter: left alone', () => {
  const target = Object.freeze({ hello: () => 'hello' });
  wrap(target, 'hello', counting)();
  assert.equal(target.hello(), 'hello');
  const odd = {
    number: 1,
    get computed(): () => number {
      return () => 2;
    },
  };
  for (const name of ['number', 'computed', 'missing']) wrap(odd, name, counting)();
  assert.deepEqual(Reflect.ownKeys(odd), ['number', 'computed']);
  assert.equal(odd.computed(), 2);
});

test('own properties of the original are on the wrapper (promisify.custom and the like)', () => {
  const custom = Symbol('custom');
  const sum = (a: number, b: number): number => a + b;
  const hello = Object.assign(sum, { [custom]: 1, extra: 2 });
  const target = { hello };
  wrap(target, 'hello', counting);
  assert.equal(target.hello[custom], 1);
  assert.equal(target.hello.extra, 2);
  assert.equal(target.hello.length, 2);
  assert.equal(target.hello.name, 'sum');
  assert.equal(target.hello(1, 2), 3);
});
