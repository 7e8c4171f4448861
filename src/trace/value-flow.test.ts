import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nanos } from '../base/time.ts';
import { Operation } from '../model/operation.ts';
import { LiveRequest } from './live-request.ts';
import { ValueFlow } from './value-flow.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A request asks for an order, and then for what `next` makes of the answer; says whether the second needed it. */
function flow(requests: number, next: (answer: string, nth: number) => string): (boolean | undefined)[] {
  const values = new ValueFlow();
  return Array.from({ length: requests }, (_, nth) => {
    const live = new LiveRequest(1, 'shop', '');
    live.request.number = nth + 1;
    live.request.start = nanos(nth * 1000);
    live.request.target = `/orders/${1000 + nth}`;
    values.began(live);
    const ask = (connection: number, statement: string, text: string): boolean | undefined => {
      values.asked(live, connection, bytes(text));
      const operation = Object.assign(new Operation(), { request: live.request.number, statement });
      values.asking(operation, connection);
      return operation.needsAnswer;
    };
    ask(1, 'SELECT customer FROM orders', `SELECT customer FROM orders WHERE id = ${1000 + nth}`);
    values.answered(live, 1, bytes(`id ${1000 + nth} customer ${7000 + nth}`));
    return ask(2, 'GET /customers/:id', next(String(7000 + nth), nth));
  });
}

test('a value of an answer that is asked with', () => {
  // Of the first nobody knows which words are always the same.
  assert.deepEqual(
    flow(3, (answer) => `GET /customers/${answer} HTTP/1.1`),
    [undefined, true, true],
  );
});

test('what the request came with, is always the same, or another value needs no answer', () => {
  const not = [undefined, false, false];
  assert.deepEqual(
    flow(3, (_, nth) => `GET /customers/${1000 + nth} HTTP/1.1`),
    not,
  );
  assert.deepEqual(
    flow(3, () => 'GET /customers/7001 HTTP/1.1'),
    not,
  );
  assert.deepEqual(
    flow(3, (_, nth) => `GET /customers/${500 + nth}`),
    not,
  );
});

test('fifty requests of a second are looked at, and no operation without its question', () => {
  const found = flow(52, (answer) => `GET /customers/${answer}`);
  assert.deepEqual(found.slice(48), [true, true, undefined, undefined]);
  const values = new ValueFlow();
  values.answered(undefined, 1, bytes('x'));
  values.asked(undefined, 1, bytes('GET /a'));
  const operation = new Operation();
  values.asking(operation, 1);
  assert.equal(operation.needsAnswer, undefined);
});

/** A request asks for `items`, each of them named by `answers[nth]`; says which questions needed the answer right before. */
function walked(answers: readonly string[], items: readonly string[]): (boolean | undefined)[] {
  const values = new ValueFlow();
  const live = new LiveRequest(1, 'shop', '');
  live.request.number = 1;
  live.request.start = nanos(0);
  live.request.target = `/things/${items[0]}`;
  values.began(live);
  return items.map((item, nth) => {
    values.asked(live, 1, bytes(`SELECT parent FROM things WHERE id = ${item}`));
    values.answered(live, 1, bytes(`row ${answers[nth]}`));
    const operation = Object.assign(new Operation(), { request: 1, statement: 'SELECT parent FROM things' });
    values.asking(operation, 1);
    return operation.followsAnswer;
  });
}

test('each question with a value of the answer before it, and all with values of one answer', () => {
  assert.deepEqual(walked(['a22', 'a33', 'a44', ''], ['a11', 'a22', 'a33', 'a44']), [
    undefined,
    true,
    true,
    true,
  ]);
  assert.deepEqual(
    walked(['a22D', '3333C', '4444Z', ''], ['1111', 'a22', '3333', '4444']),
    [undefined, true, true, true],
    'with the letter of the next message of Postgres',
  );
  assert.deepEqual(walked(['a22 a33 a44', '', '', ''], ['a11', 'a22', 'a33', 'a44']), [
    undefined,
    true,
    false,
    false,
  ]);
});

/** Of requests for `/things/30x?page=N`: what is said of a question after an answer, from the third request on. */
function knew(question: (id: string, answer: string) => string): (boolean | undefined)[] {
  const values = new ValueFlow();
  return Array.from({ length: 5 }, (_, nth) => {
    const id = String(300 + nth);
    const live = new LiveRequest(1, 'shop', '');
    live.request.number = nth + 1;
    live.request.start = nanos(nth * 1000);
    live.request.target = `/things/${id}?page=${nth}`;
    values.began(live);
    const ask = (statement: string, text: string, answer: string): boolean | undefined => {
      values.asked(live, 1, bytes(text));
      const operation = Object.assign(new Operation(), { request: nth + 1, statement });
      values.asking(operation, 1);
      values.answered(live, 1, bytes(answer));
      return operation.knewValues;
    };
    ask('GET session:?', `*2\r\n$3\r\nGET\r\n$${nth}1\r\nsession:${id}\r\n`, `user ${5000 + nth}`);
    ask('SELECT a', `SELECT a FROM things WHERE id = ${id}`, `row 0 Street ${nth} owner ${7000 + nth}`);
    return ask('second', question(id, String(7000 + nth)), '');
  }).slice(2);
}

test('values that came with the request, or with an answer before the last one, were known', () => {
  const user = (id: string): string => String(5000 - 300 + Number(id));
  const traced = (id: string): string => `traceparent: 00-${id.padStart(32, 'a')}-${id.padStart(16, 'b')}-01`;
  assert.deepEqual(
    knew((id) => `GET /b/${id}?page=${Number(id) - 300} HTTP/1.1\r\n${traced(id)}`),
    [true, true, true],
  );
  assert.deepEqual(
    knew((id) => `SELECT b WHERE owner = ${user(id)}`),
    [true, true, true],
  );
});

test('values of the last answer, and those that come from nobody knows where, were not', () => {
  assert.deepEqual(
    knew((_, owner) => `GET /owners/${owner}`),
    [false, false, false],
  );
  // Put together: a blank, and a number of one digit that is in the address, too.
  assert.deepEqual(
    knew((id) => `GET /geo/Street%20${Number(id) - 300 + 5}`),
    [false, false, false],
  );
  assert.deepEqual(
    knew((id) => `GET /b/x${Number(id) * 7}`),
    [false, false, false],
  );
  assert.deepEqual(
    knew(() => 'GET /always'),
    [undefined, undefined, undefined],
  );
});

test('a blank that is written as %20 parts words', () => {
  assert.deepEqual(
    flow(3, (answer) => `GET /customers/Number%20${answer}`),
    [undefined, true, true],
  );
});

/** What asyncpg sends for one number, and gets for a row of one: the statement is prepared at the first time on each connection. */
function asyncpg(name: string, text: string | undefined, value: number): Uint8Array {
  const number = Buffer.alloc(4);
  number.writeInt32BE(value);
  const message = (type: string, ...parts: readonly (string | Uint8Array)[]): Buffer => {
    const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
    const length = Buffer.alloc(4);
    length.writeInt32BE(body.length + 4);
    return Buffer.concat([Buffer.from(type), length, body]);
  };
  const prepare =
    text === undefined
      ? []
      : [message('P', `${name}\0${text}\0\0\0`), message('D', `S${name}\0`), message('H')];
  return Buffer.concat([
    ...prepare,
    message('B', `\0${name}\0\0\x01\0\x01\0\x01\0\0\0\x04`, number, '\0\x01\0\x01'),
    message('E', '\0\0\0\0\0'),
    message('S'),
  ]);
}

/** A parcel, then what `next` asks for; over two connections, on which statements have other names. */
function binaryFlow(next: (parcel: number, sender: number) => number) {
  const values = new ValueFlow();
  return Array.from({ length: 6 }, (_, nth) => {
    const parcel = 70_000 + 37 * nth;
    // Its last bytes are letters.
    const sender = 0x4141 + 0x101 * nth;
    const live = new LiveRequest(1, 'shop', '');
    live.request.number = nth + 1;
    live.request.start = nanos(nth * 1000);
    live.request.target = `/parcels/${parcel}`;
    values.began(live);
    const connection = nth % 2;
    const ask = (statement: string, name: string, value: number): Operation => {
      const isFirst = nth < 2;
      const named = `__asyncpg_stmt_${name}${connection}__`;
      values.asked(live, connection, asyncpg(named, isFirst ? statement : undefined, value));
      const operation = Object.assign(new Operation(), { request: live.request.number, statement });
      values.asking(operation, connection);
      return operation;
    };
    ask('SELECT sender_id FROM parcels WHERE id = $1', 'a', parcel);
    const row = Buffer.from([0x44, 0, 0, 0, 14, 0, 1, 0, 0, 0, 4, 0, 0, 0, 0]);
    row.writeInt32BE(sender, 11);
    values.answered(live, connection, row);
    const { needsAnswer, knewValues } = ask(
      'SELECT name FROM senders WHERE id = $1',
      'b',
      next(parcel, sender),
    );
    return { needsAnswer, knewValues };
  });
}

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

test('numbers in binary are values, names of prepared statements and their text are none', () => {
  const [, ...known] = binaryFlow((parcel) => parcel);
  assert.deepEqual(known, times(5, { needsAnswer: false, knewValues: true }));
  const [, ...needed] = binaryFlow((_, sender) => sender);
  assert.deepEqual(needed, times(5, { needsAnswer: true, knewValues: false }));
  const [, ...strange] = binaryFlow((parcel) => parcel + 1_000_003);
  assert.deepEqual(strange, times(5, { needsAnswer: false, knewValues: false }));
});

test('text that is as long as a number is text', () => {
  const values = new ValueFlow();
  const found = ['1234', '1235', '1236'].map((id, nth) => {
    const live = new LiveRequest(1, 'shop', '');
    live.request.number = nth + 1;
    live.request.start = nanos(nth * 1000);
    live.request.target = `/carts/${id}`;
    values.began(live);
    values.asked(live, 1, bytes(`B\0\0\0\x20\0\0\0\0\0\x01\0\0\0\x04${id}\0\0`));
    const operation = Object.assign(new Operation(), { request: nth + 1, statement: 'SELECT' });
    values.asking(operation, 1);
    return operation.knewValues;
  });
  assert.deepEqual(found, [undefined, true, true]);
});
