// The cases of every detector. A new detector is first added here.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blockedLoop } from '../../src/analysis/detectors/blocked-loop.ts';
import { cacheable } from '../../src/analysis/detectors/cacheable.ts';
import { coldStart } from '../../src/analysis/detectors/cold-start.ts';
import { controlStatements } from '../../src/analysis/detectors/control-statements.ts';
import { deferrable } from '../../src/analysis/detectors/deferrable.ts';
import { duplicateCall } from '../../src/analysis/detectors/duplicate-call.ts';
import { headOfLine } from '../../src/analysis/detectors/head-of-line.ts';
import { heldConnection } from '../../src/analysis/detectors/held-connection.ts';
import { largeAnswer } from '../../src/analysis/detectors/large-answer.ts';
import { DETECTORS } from '../../src/analysis/detectors/list.ts';
import { loopOfCalls } from '../../src/analysis/detectors/loop-of-calls.ts';
import { missingCompression } from '../../src/analysis/detectors/missing-compression.ts';
import { nPlusOneCalls, nPlusOneQueries } from '../../src/analysis/detectors/n-plus-one.ts';
import { newChannels } from '../../src/analysis/detectors/new-channels.ts';
import { dnsPerCall, newConnections, tlsPerCall } from '../../src/analysis/detectors/new-connections.ts';
import { pointerChase } from '../../src/analysis/detectors/pointer-chase.ts';
import { polling } from '../../src/analysis/detectors/polling.ts';
import { poolStarvation } from '../../src/analysis/detectors/pool-starvation.ts';
import { retries } from '../../src/analysis/detectors/retries.ts';
import { rowLock } from '../../src/analysis/detectors/row-lock.ts';
import { sequentialCalls } from '../../src/analysis/detectors/sequential-calls.ts';
import { sharedFetch } from '../../src/analysis/detectors/shared-fetch.ts';
import { slowOperation } from '../../src/analysis/detectors/slow-operation.ts';
import { stall } from '../../src/analysis/detectors/stall.ts';
import { timeouts } from '../../src/analysis/detectors/timeouts.ts';
import { vainCache } from '../../src/analysis/detectors/vain-cache.ts';
import { farDependency } from '../../src/analysis/detectors/far-dependency.ts';
import { wideFanOut } from '../../src/analysis/detectors/wide-fan-out.ts';
import { REPEAT_NEVER } from '../../src/model/repeat.ts';
import { allFindings, detectorSuite, type DetectorCase } from './detector.ts';
import { Recording, type Phases, type Told, type ToldRequest } from './recorded-requests.ts';

function recorded(count: number, requestAt: (index: number) => ToldRequest): Recording {
  const recording = new Recording();
  for (let index = 0; index < count; index++) recording.add(requestAt(index));
  return recording;
}

const times = (count: number, told: Told): Told[] => Array.from({ length: count }, () => told);

const AMQP = {
  protocol: 'amqp',
  dependency: 'RabbitMQ',
  category: 'msg',
  callSite: '/app/bus.js:20:19',
} as const;
const amqpSetup = (statement: string): Told => ({
  ...AMQP,
  statement,
  role: 'setup',
  phases: { wait: 3000 },
});
const PUBLISH: Told = { ...AMQP, statement: 'publish mails', phases: { wait: 2000 } };
const ON_ITS_OWN_CHANNEL = [
  amqpSetup('channel.open'),
  amqpSetup('confirm.select'),
  PUBLISH,
  { ...AMQP, statement: 'channel.close', phases: { wait: 2000 } },
];

/** `opens`: whether the request with this number has a channel of its own. */
function published(opens: (index: number) => boolean): Recording {
  return recorded(100, (index) => ({ operations: opens(index) ? ON_ITS_OWN_CHANNEL : [PUBLISH] }));
}

const LIST: Told = {
  statement: 'SELECT product_id FROM cart_items WHERE cart_id = $1',
  callSite: '/app/cart.js:5:1',
};
const ITEM: Told = { statement: 'SELECT name FROM products WHERE id = $1', callSite: '/app/cart.js:9:1' };

const loopOf = (items: number): ToldRequest => ({
  operations: [{ ...LIST, rows: items }, ...times(items, ITEM)],
});

const ADD_JOB: Told = {
  statement: 'EVALSHA bull:mails:wait',
  protocol: 'redis',
  dependency: 'redis',
  category: 'cache',
  callSite: '',
};

/** A list of `items(index)` rows, and a query for each. */
function loop(items: (index: number) => number, item = ITEM): Recording {
  return recorded(60, (index) => ({
    operations: [{ ...LIST, rows: items(index) }, ...times(items(index), item)],
  }));
}

const ROW: Told = { statement: 'INSERT INTO lines (a, b) VALUES ($1, $2)', callSite: '/app/save.js:7:1' };

const fromLines = (count: number, told: Told): Told[] =>
  Array.from({ length: count }, (_, line) => ({ ...told, callSite: `/app/page.js:${line + 5}:1` }));

/** The values of `calls` look-ups were seen in the answer right before them, which had `rows` rows. */
function listed(calls: number, rows: number): Recording {
  return recorded(60, () => ({
    operations: [
      { ...LIST, rows },
      ...fromLines(calls, ITEM).map((told, turn) => ({
        ...told,
        needsAnswer: true,
        followsAnswer: turn === 0,
        knewValues: turn > 0,
      })),
    ],
  }));
}

/** So many settings by name, in every request the same ones; or always the one. */
function settings(
  count: number,
  statement = 'SELECT value FROM settings WHERE name = $1',
  isOne = false,
  tenants = 1,
): Recording {
  // 1 ms each, and 0.1 ms before each, after each request 1 ms and 0.1 ms: the same was asked so long ago.
  const requestUs = tenants * (count * 1100 + 1100);
  return recorded(100, (index) => ({
    operations: Array.from({ length: count }, (_, nth) => ({
      statement,
      callSite: `/app/settings.js:11:5`,
      repeatAgeUs: isOne && nth > 0 ? 1100 : index < tenants ? REPEAT_NEVER : isOne ? 1100 + 1100 : requestUs,
    })),
  }));
}

/** Each request asks for its tenant's only row: `tenants` of them take turns. */
function settingsOf(tenants: number): Recording {
  return settings(1, 'SELECT plan FROM settings WHERE tenant_id = $1', false, tenants);
}

/** A look into a cache that finds `rows`, and a query. */
function afterLook(rows: number): Recording {
  const look = { statement: 'GET eta:?', category: 'cache', protocol: 'redis', rows } as const;
  return recorded(60, () => ({ operations: [look, COUNT] }));
}

/** A cache is asked first, and finds nothing in a `share` of requests; then the work is done, and its answer is kept. */
function missing(share: number, told: Partial<Told> = {}): Recording {
  const look = {
    ...GET_PRICE,
    statement: 'GET eta:?:?',
    callSite: '/app/eta.js:13:5',
    repeatAgeUs: REPEAT_NEVER,
  };
  const work = {
    statement: 'SELECT avg(a) FROM legs WHERE region = $1',
    phases: { wait: 10_000 },
    repeatAgeUs: 2e6,
  };
  const keep = { ...GET_PRICE, statement: 'SET eta:?:?', callSite: '/app/eta.js:18:5' };
  return recorded(100, (index) => {
    const isVain = (index * 7) % 100 < share * 100;
    return {
      operations: [{ ...look, rows: isVain ? 0 : 1 }, ...(isVain ? [{ ...work, ...told }, keep] : [])],
    };
  });
}

/** As many as 3 to 18 queries, of which each fourth asks the same again. */
function loopWithRepeats(): Recording {
  // 1 ms each, 0.1 ms between them.
  const item = (_: unknown, index: number): Told => ({
    ...ITEM,
    repeatAgeUs: index < 4 ? REPEAT_NEVER : 4 * 1100,
  });
  return recorded(60, (index) => ({
    operations: [{ ...LIST, rows: 3 + (index % 16) }, ...Array.from({ length: 3 + (index % 16) }, item)],
  }));
}

const GET_PRICE: Told = {
  protocol: 'redis',
  category: 'cache',
  dependency: 'Redis',
  statement: 'GET price:?',
  callSite: '/app/price.js:4:1',
};

const SESSION: Told = { ...GET_PRICE, statement: 'GET cart:?', callSite: '/app/cart.js:2:1' };
const SESSION_AGAIN: Told = { ...SESSION, callSite: '/app/flags.js:7:1' };

/** The same question twice, in `share` of the requests; its size differs between requests. */
function twice(
  share: number,
  between: readonly Told[] = [],
  sizeOff = 0,
  statement = SESSION.statement ?? '',
): Recording {
  return recorded(100, (index) => {
    const size = { bytesOut: 20 + (index % 7), bytesIn: 40 + (index % 7) };
    const kind: Partial<Told> = statement === SESSION.statement ? {} : { statement, protocol: 'postgres' };
    const again = { ...SESSION_AGAIN, ...size, ...kind, bytesOut: size.bytesOut + sizeOff };
    return {
      operations: [
        { ...SESSION, ...size, ...kind },
        ...between,
        ...(index % 100 < share * 100 ? [again] : []),
      ],
    };
  });
}

const CHARGE: Told = {
  protocol: 'http',
  category: 'ext',
  dependency: 'payments.example',
  statement: 'POST /v1/charges',
  callSite: '/app/pay.js:29:7',
};

/** 40 calls; the first `openings` of each block open a connection, in every third request. */
function churn(phases: Phases, openings: number, calls = 40): Recording {
  return recorded(calls, (index) => {
    const opens = Math.floor(((index + 1) * openings) / calls) > Math.floor((index * openings) / calls);
    return {
      operations: [
        {
          ...CHARGE,
          connection: opens ? 100 + index : 1,
          nthOnConnection: opens ? 1 : 9,
          phases: opens ? { ...phases, wait: 20_000 } : { wait: 20_000 },
        },
      ],
    };
  });
}

/** Ten connections that a pool opens at once when it fills, and uses from then on. */
function fillingPool(phases: Phases): Recording {
  return recorded(60, (index) => ({
    operations: Array.from({ length: 10 }, (_, place) => ({
      ...CHARGE,
      connection: place + 1,
      withLast: place > 0,
      phases: index === 0 ? { ...phases, wait: 20_000 } : { wait: 20_000 },
    })),
  }));
}

/** As many connections as calls at first; later they are used again. Never more than one call at once. */
function fillingLater(phases: Phases): Recording {
  return recorded(44, (index) => ({
    operations: [
      {
        ...CHARGE,
        connection: index % 24,
        phases: index < 24 ? { ...phases, wait: 20_000 } : { wait: 20_000 },
      },
    ],
  }));
}

/** Two requests at a time share one connection: the second waits until the first is done. */
function line(waitUs: number, firstHoldsUs = waitUs + 1000): Recording {
  const recording = new Recording();
  for (let index = 0; index < 60; index++) {
    const atUs = 1_000_000 + index * 100_000;
    recording.add({ atUs, operations: [{ phases: { wait: firstHoldsUs }, callSite: '/app/first.js:1:1' }] });
    recording.add({
      atUs: atUs + 1000,
      operations: [{ phases: { pool: waitUs, wait: 1000 }, callSite: '/app/second.js:2:1' }],
    });
  }
  return recording;
}

/** A login that computes for `ownUs`, and a look-up that has its answer only after that. */
function blocked(ownUs: number, loopUs = ownUs, otherOwnUs = 1000): Recording {
  const recording = new Recording();
  for (let index = 0; index < 60; index++) {
    const atUs = 1_000_000 + index * 300_000;
    recording.add({
      atUs,
      method: 'POST',
      route: '/login',
      operations: [
        { callSite: '/app/login.js:18:3' },
        { gapUs: ownUs, statement: 'INSERT INTO sessions VALUES ($1)' },
      ],
    });
    recording.add({
      atUs: atUs + 500,
      operations: [{ statement: 'SELECT b FROM other WHERE id = $1', connection: 2 }],
      tailUs: loopUs + otherOwnUs,
      loopUs,
    });
  }
  return recording;
}

const PAGE: Told = { statement: 'SELECT a FROM products WHERE page = $1', callSite: '/app/list.js:12:1' };
const COUNT: Told = {
  statement: 'SELECT count(*) FROM products WHERE active',
  callSite: '/app/list.js:17:1',
};

function oneAfterTheOther(second: Told, present = 1, first = PAGE): Recording {
  return recorded(60, (index) => ({ operations: index % 20 < present * 20 ? [first, second] : [first] }));
}

const ORDINARY = ['users', 'carts', 'orders', 'prices'].map((table): Told => ({
  statement: `SELECT a FROM ${table} WHERE id = $1`,
  gapUs: 10,
}));

function slow(us: number, ordinaryUs = 1000, usOf = (_index: number): number => us): Recording {
  const ordinary = ORDINARY.map((told) => ({ ...told, phases: { wait: ordinaryUs } }));
  const search = { statement: 'SELECT a FROM products WHERE name ILIKE $1', callSite: '/app/search.js:20:1' };
  return recorded(60, (index) => ({
    operations: [...ordinary, { ...search, phases: { wait: usOf(index) } }],
  }));
}

/** 200 calls that wait 2 ms, `stalls` of them `laterUs(index)` longer; those that leave in two writes are sent for `sendUs`. */
function stalling(stalls: number, laterUs = (_index: number): number => 40_000, sendUs = 200): Recording {
  return recorded(200, (index) => {
    const isStalled = index % Math.floor(200 / stalls) === 0 && index / Math.floor(200 / stalls) < stalls;
    const late: Phases = { send: sendUs, wait: 2000 + laterUs(index) };
    return { operations: [{ ...CHARGE, phases: isStalled ? late : { wait: 2000 } }] };
  });
}

/** The same on the other side: answers in two pieces. */
function stallingAnswers(stalls: number, bytesIn = 200): Recording {
  return recorded(200, (index) => ({
    operations: [
      {
        ...CHARGE,
        bytesIn,
        phases: { wait: 2000, receive: index % 4 === 0 && index < stalls * 4 ? 40_000 : 100 },
      },
    ],
  }));
}

/** A list, and for each of its rows two calls. */
function twoPerRow(items: (index: number) => number, between: readonly Told[] = []): Recording {
  return recorded(60, (index) => ({
    operations: [
      { ...LIST, rows: items(index) },
      ...Array.from({ length: items(index) }, () => [{ ...ITEM, rows: 1 }, GET_PRICE]).flat(),
      ...between,
    ],
  }));
}

const PAYMENT_NAME: Phases = { dns: 20_000, tcp: 1000 };

/** Of 100 calls, `failing` fail and are made again 50 ms later. */
function retrying(
  failing: number,
  second: Partial<Told> = {},
  outcome: Told['outcome'] = 'error',
): Recording {
  return recorded(100, (index) => {
    const isFailing = Math.floor(((index + 1) * failing) / 100) > Math.floor((index * failing) / 100);
    const failed: Told = { ...CHARGE, outcome, phases: { wait: 20_000 } };
    const again: Told = { ...CHARGE, gapUs: 50_000, phases: { wait: 20_000 }, ...second };
    return { operations: isFailing ? [failed, again] : [again] };
  });
}

/** Of 100 calls, `late` end without an answer after `us`; the others take 20 ms. */
function givingUp(late: number, us: (index: number) => number): Recording {
  return recorded(100, (index) => {
    const isLate = Math.floor(((index + 1) * late) / 100) > Math.floor((index * late) / 100);
    const told: Partial<Told> = isLate
      ? { outcome: 'error', phases: { wait: us(index) } }
      : { phases: { wait: 20_000 } };
    return { operations: [{ ...CHARGE, ...told }] };
  });
}

/** Two requests at a time share one connection: the first does something else for `idleUs` between BEGIN and COMMIT. */
function holding(idleUs: number, begin = 'BEGIN', end = 'COMMIT'): Recording {
  const recording = new Recording();
  for (let index = 0; index < 60; index++) {
    const atUs = 1_000_000 + index * 300_000;
    recording.add({
      atUs,
      route: '/buy',
      operations: [
        { statement: begin, callSite: '/app/buy.js:3:1' },
        { statement: 'UPDATE stock SET n = n - 1 WHERE id = $1' },
        { gapUs: idleUs, statement: end },
      ],
    });
    recording.add({
      atUs: atUs + 1000,
      operations: [{ phases: { pool: idleUs + 2200, wait: 1000 }, callSite: '/app/look.js:2:1' }],
    });
  }
  return recording;
}

/** Two requests share one connection: a short command is sent 100 µs after one that takes `longUs`, and has its answer only after it. */
function onOneConnection(longUs: number, connection = 1): Recording {
  const recording = new Recording();
  for (let index = 0; index < 60; index++) {
    const atUs = 1_000_000 + index * 100_000;
    const keys = { ...GET_PRICE, statement: 'HGETALL catalog:?', callSite: '/app/catalog.js:8:1' };
    recording.add({ atUs, route: '/catalog', operations: [{ ...keys, phases: { wait: longUs } }] });
    const waitUs = connection === 1 ? longUs - 100 + 200 : 200;
    recording.add({ atUs: atUs + 100, operations: [{ ...GET_PRICE, connection, phases: { wait: waitUs } }] });
    for (let turn = 1; turn < 3; turn++)
      recording.add({
        atUs: atUs + 50_000 + turn * 10_000,
        operations: [{ ...GET_PRICE, phases: { wait: 200 } }],
      });
  }
  return recording;
}

const SET_PATH: Told = { statement: 'SET search_path TO shop', callSite: '/app/db.js:8:1' };

/** Of `all` statements in each request, `extras` only prepare. */
function preparing(extras: number, all: number, extra = SET_PATH): Recording {
  return recorded(60, () => ({
    operations: [...times(extras, extra), ...ORDINARY, ...ORDINARY, ...ORDINARY].slice(0, all),
  }));
}

const AUDIT: Told = { statement: 'INSERT INTO audit_log VALUES ($1)', callSite: '/app/audit.js:4:1' };

function atTheEnd(last: Told, first: readonly Told[] = [PAGE], after: readonly Told[] = []): Recording {
  return recorded(60, (index) => ({ operations: [...first, last, ...(index < 57 ? [] : after)] }));
}

const EXPORT: Told = { statement: 'SELECT * FROM products', callSite: '/app/export.js:5:1' };

function receiving(bytesIn: number, receive = 20_000): Recording {
  return recorded(60, () => ({ operations: [{ ...EXPORT, bytesIn, phases: { wait: 1000, receive } }] }));
}

const REGION: Told = {
  statement: 'SELECT name FROM regions WHERE code = $1',
  callSite: '/app/region.js:6:1',
  phases: { wait: 4000 },
};

/** One question a second, asked before in all but every `fresh`-th; answers of `size(index)` bytes. */
function asking(fresh: number, size = (_index: number): number => 100, told = REGION): Recording {
  return recorded(100, (index) => ({
    atUs: 1_000_000 + index * 1_000_000,
    operations: [
      ITEM,
      {
        gapUs: 2000,
        ...told,
        bytesIn: size(index),
        repeatAgeUs: index === 0 || (fresh > 0 && index % fresh === 0) ? REPEAT_NEVER : 1_000_000,
      },
    ],
  }));
}

const USER: Told = { statement: 'SELECT name FROM users WHERE id = $1', callSite: '/gateway/user.js:2:1' };

/** Gateway and cart ask for a user; the same one in `share` of 100 requests. */
function bothAsk(share: number, again = 'SELECT name FROM users WHERE id = $1'): Recording {
  return recorded(100, (index) => ({
    service: 'gateway',
    atUs: 1_000_000 + index * 100_000,
    operations: [
      { ...USER, repeatAgeUs: REPEAT_NEVER },
      {
        ...CHARGE,
        dependency: 'cart',
        category: 'http',
        phases: { wait: 5000 },
        callee: {
          service: 'cart',
          process: 2,
          route: '/carts/:id',
          operations: [
            {
              statement: again,
              callSite: '/cart/user.js:8:1',
              // The first one began 100 µs after the request, this one 100 µs after its own, which is 50 µs after the call.
              repeatAgeUs: index % 100 < share * 100 ? 1000 + 100 + 50 + 100 : REPEAT_NEVER,
            },
          ],
        },
      },
    ],
  }));
}

const PARENT: Told = {
  statement: 'SELECT name, boss FROM people WHERE id = $1',
  callSite: '/app/tree.js:7:1',
  phases: { wait: 2000 },
};

const LIST_CALL: Told = {
  ...CHARGE,
  statement: 'GET /catalog',
  callSite: '/app/catalog.js:3:1',
  isPlainText: true,
  takesCompressed: true,
};

const JOB: Told = {
  ...CHARGE,
  statement: 'GET /jobs/:id',
  callSite: '/app/job.js:12:1',
  phases: { wait: 4000 },
};

/** Others of the process run for some time. */
const keptFor = (turn: number): number => 8000 + 5000 * (turn % 7);

/** Starts a job, and asks for it `calls(index)` times with pauses of `pauseUs`. */
function pollingFor(
  calls: (index: number) => number,
  pauseUs: number,
  told: Partial<Told> = {},
  others = 0,
  idleShare = 1,
): Recording {
  return recorded(60, (index) => ({
    idleUs: calls(index) * pauseUs * idleShare,
    operations: [
      ...times(others, { ...CHARGE, withLast: true }),
      { ...CHARGE, statement: 'POST /jobs' },
      ...times(calls(index), { ...JOB, gapUs: pauseUs, ...told }),
    ],
  }));
}

/** The same question once more after 40 ms, in a `share` of the requests; jobs have numbers. */
function pollingTwice(share: number): Recording {
  return recorded(100, (index) => {
    const isAgain = (index * 7) % 100 < share * 100;
    return {
      idleUs: isAgain ? 40_000 : 0,
      operations: [
        { ...JOB, repeatAgeUs: REPEAT_NEVER },
        ...(isAgain ? [{ ...JOB, gapUs: 40_000, repeatAgeUs: 44_000 }] : []),
      ],
    };
  });
}

/** `calls` parts at once, of which each has its answer `stepUs` after the one before. */
function fanning(calls: number, stepUs: number, told: Partial<Told> = {}): Recording {
  return recorded(60, () => ({
    operations: Array.from({ length: calls }, (_, nth) => ({
      ...CHARGE,
      statement: 'GET /parts/:id',
      callSite: '/app/parts.js:5:1',
      withLast: nth > 0,
      phases: { wait: 4000 + nth * stepUs },
      ...told,
    })),
  }));
}

/** Some processes: the first request of each computes for `longerUs`; `count` requests in all. */
function warming(
  longerUs: number,
  processes = 2,
  count = 120,
  first = 0,
  otherUs = 0,
  /** So many more come while the first one of a process is under way, and wait as long but for 50 ms each. */
  beside = 0,
): Recording {
  const recording = new Recording();
  for (let process = 1; process <= processes; process++) recording.start(process, 0);
  for (let index = 0; index < count; index++) {
    const isCold = index >= first && index < first + processes;
    const process = 1 + (index % processes);
    const other = { gapUs: isCold ? otherUs : 100, process, statement: 'SELECT c FROM other WHERE id = $1' };
    if (otherUs > 0) recording.add({ process, route: '/other', operations: [{ ...ITEM, process }, other] });
    recording.add({
      process,
      operations: [
        { ...ITEM, process },
        {
          gapUs: isCold ? longerUs : 100,
          process,
          statement: 'SELECT b FROM late WHERE id = $1',
          callSite: '/app/late.js:2:1',
        },
      ],
    });
  }
  for (let nth = 1; nth <= beside; nth++)
    recording.add({
      atUs: 1_000_000 + nth * 50_000,
      operations: [ITEM, { gapUs: longerUs - nth * 50_000, statement: 'SELECT b FROM late WHERE id = $1' }],
    });
  return recording;
}

const LOCK: Told = { statement: 'UPDATE stock SET n = n - 1 WHERE id = $1', callSite: '/app/stock.js:4:1' };

/**
 * Two transactions begin at once; the first one has the row, and does something for `heldUs`; the second has it when the first ends, or, with
 * `offUs`, so long after that. Every fourth one is alone.
 */
function locking(
  heldUs: number,
  offUs = 0,
  table = 'stock',
  reads: readonly Told[] = [],
  /** So much later than the first asks the one that waits. */
  asksUs = 1000,
): Recording {
  const recording = new Recording();
  const transaction = (lockUs: number, connection: number, gapUs: number, first: Told = LOCK): Told[] => [
    { statement: 'BEGIN', connection, gapUs: 0 },
    { ...first, connection, gapUs: 0, phases: { wait: lockUs } },
    { statement: 'COMMIT', connection, gapUs },
  ];
  for (let index = 0; index < 80; index++) {
    const atUs = 1_000_000 + index * 500_000;
    const first = { ...LOCK, statement: LOCK.statement?.replace('stock', table) ?? '' };
    recording.add({ atUs, operations: transaction(1000, 1, heldUs, first) });
    // The lock is there after 2 ms; the commit takes 1 ms and is in force after half of it.
    const lockUs = index % 4 === 0 ? 1000 : heldUs + 1500 - asksUs + offUs;
    const laterUs = index % 4 === 0 ? 300_000 : asksUs;
    recording.add({ atUs: atUs + laterUs, operations: transaction(lockUs, 2, 0) });
    const late = index % 4 === 0 ? 1000 : lockUs;
    for (const read of reads)
      recording.add({ atUs: atUs + laterUs + 1000, operations: [{ ...read, phases: { wait: late } }] });
  }
  return recording;
}

/** A list of `bytes(index)`, which comes in at so many bytes a µs. */
function plainText(bytes: (index: number) => number, perUs = 8, told = LIST_CALL): Recording {
  return recorded(60, (index) => ({
    operations: [
      { ...told, bytesIn: bytes(index), phases: { wait: 2000, receive: Math.round(bytes(index) / perUs) } },
    ],
  }));
}

/** Somebody, and three or more above them, each named by the one before; looked at in every third request, where `share` of them say so. */
function climbing(share: number, calls = 4, step: Partial<Told> = {}): Recording {
  return recorded(60, (index) => ({
    operations: Array.from({ length: calls + (index % 3) }, (_, nth) => {
      if (nth === 0) return PARENT;
      const facts = { needsAnswer: true, followsAnswer: (index * 7 + nth * 3) % 20 < share * 20 };
      return index % 3 === 0 ? { ...PARENT, ...step, ...facts } : { ...PARENT, ...step };
    }),
  }));
}

/** An order, its customer, and the customer's address: in `lookedAt` requests it is seen that each names the next one. */
function following(lookedAt: number): Recording {
  const tables = ['orders', 'customers', 'addresses'];
  return recorded(60, (index) => ({
    operations: tables.map((table, nth): Told => {
      const isSeen = nth > 0 && index < lookedAt;
      const told = { statement: `SELECT a FROM ${table} WHERE id = $1`, callSite: `/app/order.js:${nth}:1` };
      return isSeen ? { ...told, needsAnswer: true, followsAnswer: true } : told;
    }),
  }));
}

const WAYS: readonly Told[] = [
  { ...LIST },
  { statement: 'SELECT name FROM users WHERE id = $1', callSite: '/app/users.js:9:1' },
  { statement: 'UPDATE carts SET seen = $1 WHERE id = $2', callSite: '/app/carts.js:7:1' },
];

function away(wayUs: number, openUs = wayUs, more: Told = {}): Recording {
  const told = recorded(60, (index) => ({
    operations: WAYS.map((way) => ({ ...way, ...more, phases: { wait: wayUs + 100 * (index % 10) } })),
  }));
  return told.connect(more.dependency ?? 'Postgres', 3, openUs);
}

const CASES: readonly DetectorCase[] = [
  {
    detector: pointerChase,
    // Five of 2 ms on average are one way there and back: of 2 ms nothing else is known, so all of it.
    finds: { recording: climbing(1), callSite: '/app/tree.js:7', savesUs: [8000, 8900] },
    leaves: {
      'a list that was known before': climbing(0),
      'all at once': climbing(1, 4, { withLast: true }),
      'two of them': climbing(1, 0),
      'pages of which each begins where the last one ended': climbing(1, 4, { rows: 12 }),
      'pages of a service': climbing(1, 4, { ...CHARGE, statement: 'GET /people' }),
      'of several peers': recorded(60, () => ({
        operations: ['a', 'b', 'c', 'd'].map((dependency) => ({
          ...PARENT,
          dependency,
          needsAnswer: true,
          followsAnswer: true,
        })),
      })),
    },
    threshold: { of: 'looked at', lastSilent: following(7), firstLoud: following(8) },
  },
  {
    detector: loopOfCalls,
    // 10.5 rounds of two calls of 1 ms on average become two calls.
    finds: {
      recording: twoPerRow((index) => 3 + (index % 16)),
      callSite: '/app/cart.js:9',
      savesUs: [18_000, 20_100],
    },
    leaves: {
      'two rounds': twoPerRow((index) => 1 + (index % 2)),
      'one loop after the other': recorded(60, (index) => ({
        operations: [...times(3 + (index % 16), ITEM), ...times(3 + (index % 16), GET_PRICE)],
      })),
    },
    threshold: {
      of: 'rounds that are always as many',
      lastSilent: twoPerRow(() => 5),
      firstLoud: twoPerRow(() => 6),
    },
  },
  {
    detector: dnsPerCall,
    finds: { recording: churn(PAYMENT_NAME, 40), callSite: '/app/pay.js:29', savesUs: [20_000, 21_000] },
    leaves: { 'a name that is known on the machine': churn({ dns: 400, tcp: 300 }, 40) },
    threshold: {
      of: 'openings',
      lastSilent: churn(PAYMENT_NAME, 7),
      firstLoud: churn(PAYMENT_NAME, 8),
    },
  },
  {
    detector: retries,
    finds: { recording: retrying(40), callSite: '/app/pay.js:29', savesUs: [27_000, 28_500] },
    leaves: {
      'two at once, of which one fails': retrying(40, { withLast: true }),
      'it fails for good': recorded(100, () => ({ operations: [{ ...CHARGE, outcome: 'error' }] })),
    },
    threshold: { of: 'share of requests', lastSilent: retrying(1), firstLoud: retrying(2) },
  },
  {
    detector: timeouts,
    finds: {
      recording: givingUp(25, () => 2_005_000),
      callSite: '/app/pay.js:29',
      savesUs: [490_000, 500_000],
    },
    leaves: {
      'failures of any length': givingUp(25, (index) => 700_000 + index * 37_000),
      'a limit that is close to the answers': givingUp(25, () => 60_000),
    },
    threshold: {
      of: 'share of requests',
      lastSilent: givingUp(1, () => 2_005_000),
      firstLoud: givingUp(2, () => 2_005_000),
    },
  },
  {
    detector: heldConnection,
    finds: { recording: holding(80_000), callSite: '/app/buy.js:3', savesUs: [70_000, 82_200] },
    leaves: {
      'no transaction: the connection goes back at once': holding(
        80_000,
        'SELECT 1 FROM a',
        'SELECT 2 FROM a',
      ),
    },
    threshold: { of: 'the time without a statement', lastSilent: holding(9800), firstLoud: holding(10_000) },
  },
  {
    detector: controlStatements,
    finds: { recording: preparing(2, 6), callSite: '/app/db.js:8', savesUs: [2000, 2000] },
    leaves: {
      'a transaction around writes': recorded(60, () => ({
        operations: [
          { statement: 'BEGIN' },
          { statement: 'UPDATE carts SET a = 1 WHERE id = $1' },
          { statement: 'COMMIT' },
        ],
      })),
      'a health check': recorded(60, () => ({ operations: [{ statement: 'SELECT 1' }] })),
      'what a new connection is told': recorded(60, (index) => ({
        operations: [
          { ...SET_PATH, connection: index + 1, phases: { tcp: 500, wait: 1000 } },
          { ...PAGE, connection: index + 1 },
        ],
      })),
    },
    threshold: { of: 'share of round trips', lastSilent: preparing(2, 11), firstLoud: preparing(2, 10) },
  },
  {
    detector: deferrable,
    finds: { recording: atTheEnd(AUDIT), callSite: '/app/audit.js:4', savesUs: [1100, 1100] },
    leaves: {
      'a write that the answer is about': atTheEnd({ ...AUDIT, statement: 'INSERT INTO orders VALUES ($1)' }),
      'inside a transaction': atTheEnd(AUDIT, [{ statement: 'BEGIN' }]),
      'all that a request writes that was made to write': recorded(60, () => ({
        method: 'POST',
        operations: [PAGE, AUDIT],
      })),
      'the same several times': recorded(60, () => ({ operations: [PAGE, AUDIT, AUDIT] })),
      'a message that is worked on: nobody waits': recorded(60, () => ({
        method: 'CONSUME',
        operations: [{ statement: 'UPDATE carts SET a = 1 WHERE id = $1' }, AUDIT],
      })),
      'a channel that is closed': atTheEnd({
        ...AUDIT,
        category: 'msg',
        protocol: 'amqp',
        statement: 'channel.close',
      }),
      'it reads the log': atTheEnd({ ...AUDIT, statement: 'SELECT a FROM audit_log WHERE id = $1' }),
    },
    threshold: {
      of: 'requests in which it is the last',
      lastSilent: recorded(60, (index) => ({ operations: index < 56 ? [PAGE, AUDIT] : [AUDIT, PAGE] })),
      firstLoud: recorded(60, (index) => ({ operations: index < 57 ? [PAGE, AUDIT] : [AUDIT, PAGE] })),
    },
  },
  {
    detector: largeAnswer,
    finds: { recording: receiving(480_000), callSite: '/app/export.js:5', savesUs: [19_000, 20_000] },
    leaves: {
      'it costs next to nothing': receiving(480_000, 900),
      'a file': recorded(60, () => ({
        operations: [
          {
            ...CHARGE,
            statement: 'GET /files/:id',
            bytesIn: 480_000,
            phases: { wait: 1000, receive: 20_000 },
          },
        ],
      })),
      'compressed, and not very large': recorded(60, () => ({
        operations: [
          { ...LIST_CALL, isPlainText: false, bytesIn: 290_000, phases: { wait: 1000, receive: 20_000 } },
        ],
      })),
      'handed on while it comes in': recorded(60, () => ({
        firstByteUs: 1500,
        operations: [{ ...EXPORT, bytesIn: 480_000, phases: { wait: 1000, receive: 20_000 } }],
      })),
      'the database takes the time': recorded(60, () => ({
        operations: [{ ...EXPORT, bytesIn: 480_000, phases: { wait: 100_000, receive: 20_000 } }],
      })),
    },
    threshold: { of: 'bytes', lastSilent: receiving(99_999), firstLoud: receiving(100_000) },
  },
  {
    detector: cacheable,
    finds: { recording: asking(0), callSite: '/app/region.js:6', savesUs: [3900, 4000] },
    leaves: {
      'answers that change': asking(0, (index) => 100 + (index % 3)),
      'values that were not seen': recorded(100, () => ({ operations: [REGION] })),
      'it must be fresh': asking(0, undefined, { ...REGION, statement: 'SELECT n FROM stock WHERE id = $1' }),
      'a cache': asking(0, undefined, { ...REGION, ...GET_PRICE }),
    },
    threshold: { of: 'questions that were asked before', lastSilent: asking(9), firstLoud: asking(10) },
  },
  {
    detector: cacheable,
    finds: { recording: settings(3), callSite: '/app/settings.js:11', savesUs: [2900, 3100] },
    leaves: {
      'rows of another table': settings(3, 'SELECT value FROM seats WHERE name = $1'),
      'a row of each tenant': settingsOf(3),
    },
    threshold: { of: 'rows that take turns', lastSilent: settingsOf(2), firstLoud: settingsOf(1) },
  },
  {
    detector: cacheable,
    finds: { recording: settings(2), callSite: '/app/settings.js:11', savesUs: [1900, 2100] },
    leaves: {
      'one row of another table, always the same': settings(1, 'SELECT value FROM seats WHERE name = $1'),
    },
    threshold: {
      of: 'settings of a tenant in each request',
      lastSilent: settings(1, undefined, false, 5),
      firstLoud: settings(2, undefined, false, 5),
    },
  },
  {
    detector: vainCache,
    finds: { recording: missing(1), callSite: '/app/eta.js:13', savesUs: [10_900, 11_200] },
    leaves: {
      'a cache that has it now and then': missing(0.9),
      'work that nobody has done before: whether it was done is asked': missing(1, {
        repeatAgeUs: REPEAT_NEVER,
      }),
      'work that changes something': missing(1, {
        statement: 'UPDATE legs SET seen = now() WHERE region = $1',
      }),
    },
    threshold: { of: 'looks that find nothing', lastSilent: missing(0.94), firstLoud: missing(0.95) },
  },
  {
    detector: sharedFetch,
    finds: { recording: bothAsk(1), callSite: '/cart/user.js:8', savesUs: [1000, 1000] },
    leaves: { 'another question': bothAsk(1, 'SELECT mail FROM users WHERE id = $1') },
    threshold: { of: 'share of requests', lastSilent: bothAsk(0.29), firstLoud: bothAsk(0.3) },
  },

  {
    detector: nPlusOneQueries,
    // 10.5 queries of 1 ms on average, and the 0.1 ms between them, become one.
    finds: {
      recording: loop((index) => 3 + (index % 16)),
      callSite: '/app/cart.js:9',
      savesUs: [9500, 10_600],
    },
    leaves: {
      'three look-ups, always, of one row': recorded(60, () => ({
        operations: [{ ...LIST, rows: 1 }, ...times(3, ITEM)],
      })),
      'three look-ups, each from its own line, of an answer of three rows': recorded(60, () => ({
        operations: [{ ...LIST, rows: 3 }, ...fromLines(3, ITEM)],
      })),
      'three look-ups of the values of one row': listed(3, 1),
      'two rows that are written': recorded(60, () => ({ operations: times(2, ROW) })),
      'pages of a list': recorded(60, (index) => ({
        operations: times(6 + (index % 4), {
          statement: 'SELECT id FROM a WHERE id > $1 LIMIT $2',
          rows: 12,
        }),
      })),
      'rows of a cursor': recorded(60, (index) => ({
        operations: times(6 + (index % 4), { statement: 'FETCH SELECT id FROM a', rows: 12 }),
      })),
      'a tree from a leaf upwards': recorded(60, (index) => ({
        operations: times(6 + (index % 4), {
          statement: 'SELECT name, parent_id FROM folders WHERE id = $1',
        }),
      })),
      'chunks of a large read': loop((index) => 3 + (index % 16), { ...ITEM, rows: 500 }),
      'all of them at once': recorded(60, () => ({
        operations: [LIST, ITEM, ...times(9, { ...ITEM, withLast: true })],
      })),
    },
    threshold: {
      of: 'calls that are always as many as rows',
      lastSilent: loop(() => 2),
      firstLoud: loop(() => 3),
    },
  },
  {
    detector: nPlusOneCalls,
    finds: {
      recording: loop((index) => 3 + (index % 16), GET_PRICE),
      callSite: '/app/price.js:4',
      savesUs: [9500, 10_600],
    },
    leaves: {
      'five look-ups, always, from several lines': recorded(60, () => ({
        operations: fromLines(5, GET_PRICE),
      })),
      'six parts, always, three at a time': recorded(60, () => ({
        operations: Array.from({ length: 6 }, (_, part) => ({
          ...CHARGE,
          statement: 'GET /portal/:id/:id',
          withLast: part > 0,
          afterLastUs: part === 3 ? 9000 : 500,
          phases: { wait: 10_000 },
        })),
      })),
      'eight parts, always, all at once': recorded(60, (index) => ({
        operations: Array.from({ length: 8 }, (_, part) => ({
          ...CHARGE,
          statement: 'GET /shards/:id',
          withLast: part > 0,
          phases: { wait: 10_000 + 1000 * ((index + part) % 6) },
        })),
      })),
    },
    threshold: {
      of: 'jobs that are added to a queue, from nobody knows where',
      lastSilent: recorded(60, () => ({ operations: times(2, ADD_JOB) })),
      firstLoud: recorded(60, () => ({ operations: times(3, ADD_JOB) })),
    },
  },
  {
    detector: nPlusOneCalls,
    finds: {
      recording: recorded(60, () => ({ operations: times(3, ADD_JOB) })),
      callSite: '',
      savesUs: [1900, 2300],
    },
    leaves: {
      'three limits that a script checks': recorded(60, () => ({
        operations: times(3, { ...ADD_JOB, statement: 'EVALSHA limit:?' }),
      })),
    },
    threshold: {
      of: 'calls that are always as many, without a list, from one line',
      lastSilent: recorded(60, () => ({ operations: times(3, GET_PRICE) })),
      firstLoud: recorded(60, () => ({ operations: times(4, GET_PRICE) })),
    },
  },
  {
    detector: duplicateCall,
    finds: { recording: twice(1), callSite: '/app/flags.js:7', savesUs: [1100, 1100] },
    leaves: {
      'a write between': twice(1, [{ ...SESSION, statement: 'SET cart:?' }]),
      'other sizes, so other questions': twice(1, [], 3),
      'another answer each time': twice(1, [], 0, 'SELECT a FROM thing ORDER BY random() LIMIT ?'),
      'a second copy that goes out when the first is late': recorded(100, (index) => ({
        operations: [
          { ...CHARGE, statement: 'GET /replica/:id', bytesOut: 20 + (index % 7), phases: { wait: 40_000 } },
          {
            ...CHARGE,
            statement: 'GET /replica/:id',
            bytesOut: 20 + (index % 7),
            withLast: true,
            afterLastUs: 15_000,
            phases: { wait: 30_000 },
          },
        ],
      })),
      'a few repeats in a loop': loopWithRepeats(),
      'asked after pauses, until something has happened': recorded(100, () => ({
        operations: [
          { ...SESSION, repeatAgeUs: REPEAT_NEVER, phases: { wait: 4000 } },
          ...times(2, { ...SESSION, gapUs: 10_000, repeatAgeUs: 14_000, phases: { wait: 4000 } }),
        ],
      })),
      'sizes that never differ': recorded(100, () => ({ operations: [SESSION, SESSION_AGAIN] })),
      'equal sizes, but other values': recorded(100, (index) => ({
        operations: [SESSION, SESSION_AGAIN].map((told) => ({
          ...told,
          bytesOut: 20 + (index % 7),
          repeatAgeUs: REPEAT_NEVER,
        })),
      })),
    },
    threshold: { of: 'share of requests', lastSilent: twice(0.19), firstLoud: twice(0.2) },
  },
  {
    detector: tlsPerCall,
    finds: {
      recording: churn({ tcp: 5000, tls: 25_000 }, 40),
      callSite: '/app/pay.js:29',
      savesUs: [29_000, 30_000],
    },
    leaves: { 'a pool that fills': fillingPool({ tcp: 5000, tls: 25_000 }) },
    threshold: {
      of: 'openings',
      lastSilent: churn({ tls: 25_000 }, 7),
      firstLoud: churn({ tls: 25_000 }, 8),
    },
  },
  {
    detector: newConnections,
    finds: { recording: churn({ tcp: 5000 }, 40), callSite: '/app/pay.js:29', savesUs: [4800, 5000] },
    leaves: {
      'a pool that fills': fillingPool({ tcp: 5000 }),
      'a pool that fills in several bursts': fillingLater({ tcp: 5000 }),
      'connections that last': churn({ tcp: 5000 }, 2),
    },
    threshold: {
      of: 'share of calls',
      lastSilent: churn({ tcp: 5000 }, 19, 100),
      firstLoud: churn({ tcp: 5000 }, 20, 100),
    },
  },
  {
    detector: poolStarvation,
    finds: { recording: line(9000), callSite: '/app/second.js:2', savesUs: [4000, 4600] },
    leaves: { 'a wait while connections are free': line(9000, 500) },
    threshold: { of: 'p95 of the wait', lastSilent: line(4999), firstLoud: line(5000) },
  },
  {
    detector: rowLock,
    // Three of eight wait 40 ms.
    finds: { recording: locking(40_000), callSite: '/app/stock.js:4', savesUs: [14_000, 15_500] },
    leaves: {
      'it is late, but not because of them': locking(40_000, 20_000),
      'they lock rows of another table': locking(40_000, 0, 'orders'),
      'reads have their answers at the same moment: the loop was busy': locking(40_000, 0, 'stock', [
        { ...PAGE, connection: 3 },
      ]),
    },
    threshold: { of: 'the wait', lastSilent: locking(4499), firstLoud: locking(4500) },
  },
  {
    detector: coldStart,
    // 900 ms of 120 requests, twice.
    finds: { recording: warming(900_000), callSite: '/app/cart.js:9', savesUs: [14_800, 15_100] },
    leaves: {
      'a slow one that is not the first': warming(900_000, 2, 120, 50),
      'a start that every runtime needs, on a busy machine': warming(400_000),
      'everything is slow at the start': warming(900_000, 2, 120, 0, 310_000),
      'a single start that takes less than a second': warming(900_000, 1),
      'one of few': warming(900_000, 2, 20),
    },
    threshold: { of: 'how much longer', lastSilent: warming(499_000), firstLoud: warming(501_000) },
  },
  {
    detector: polling,
    finds: {
      recording: pollingFor((index) => 5 + (index % 3), 40_000),
      callSite: '/app/job.js:12',
      // Half of the pause, and the last call of 4 ms but for half a way there and back.
      savesUs: [22_000, 24_000],
    },
    leaves: {
      'asked once more': pollingFor((index) => 1 + (index % 2), 40_000),
      'calls that fail and are tried again': pollingFor(() => 4, 40_000, { outcome: 'error' }),
      'a loop without pauses': pollingFor(() => 7, 500),
      'a list that is walked slowly, of different things': pollingFor(() => 7, 40_000, {
        repeatAgeUs: REPEAT_NEVER,
      }),
      'a call that fails once, and is made again': recorded(100, () => ({
        idleUs: 40_000,
        operations: [
          { ...JOB, outcome: 'error', repeatAgeUs: REPEAT_NEVER },
          { ...JOB, gapUs: 40_000, repeatAgeUs: 44_000 },
        ],
      })),
      'the same row, read again by a busy process, each time in a transaction of its own': recorded(
        60,
        (index) => ({
          idleUs: Array.from({ length: 4 }, (_, nth) => keptFor(index + nth)).reduce((sum, us) => sum + us),
          operations: Array.from({ length: 4 }, (_, nth) => [
            { statement: 'BEGIN', gapUs: keptFor(index + nth) },
            {
              ...JOB,
              protocol: 'postgres' as const,
              dependency: 'db',
              category: 'db' as const,
              statement: 'SELECT a FROM agents WHERE id = $1',
            },
            { statement: 'ROLLBACK', gapUs: 100 },
          ]).flat(),
        }),
      ),
      'asked again after own work': pollingFor(() => 3, 40_000, {}, 0, 0),
      'asked twice, and nobody knows what': pollingFor(() => 2, 40_000),
      'a lock that is tried again': pollingFor(() => 7, 40_000, { ...GET_PRICE, statement: 'SET lock:?' }),
      'work between': recorded(60, () => ({
        operations: Array.from({ length: 7 }, () => [{ ...JOB, gapUs: 40_000 }, ITEM]).flat(),
      })),
    },
    threshold: {
      of: 'calls, where the first is never enough',
      lastSilent: pollingTwice(0.75),
      firstLoud: pollingTwice(0.85),
    },
  },
  {
    detector: wideFanOut,
    // 24 of 4 ms to 27 ms at once become one that takes 4 ms.
    finds: { recording: fanning(24, 1000), callSite: '/app/parts.js:5', savesUs: [22_000, 23_100] },
    leaves: {
      'a few parts': fanning(8, 4000),
      'many parts that are answered side by side': fanning(24, 100),
      'at most four at once': recorded(60, () => ({
        operations: Array.from({ length: 24 }, (_, nth) => ({
          ...CHARGE,
          statement: 'GET /parts/:id',
          withLast: nth % 4 > 0,
          phases: { wait: 4000 + (nth % 4) * 5000 },
        })),
      })),
    },
    threshold: { of: 'calls at once', lastSilent: fanning(9, 1000), firstLoud: fanning(10, 1000) },
  },
  {
    detector: farDependency,
    // Three statements, each of which takes the 12 ms there and back, and its own work.
    finds: { recording: away(12_000), callSite: '/app/cart.js:5', savesUs: [34_000, 34_600] },
    leaves: {
      'slow statements near by': away(12_000, 300),
      'connections that were opened while a machine was busy with starting': away(1000, 12_000),
      'too few connections were seen to be opened': away(12_000).connect('Postgres', 2, 12_000),
      'a host outside': away(12_000, 12_000, {
        category: 'ext',
        protocol: 'http',
        dependency: 'api.example.com',
      }),
      'one call in a long request': recorded(60, (index) => ({
        operations: [{ ...WAYS[index % 3], phases: { wait: 12_000 } }],
        tailUs: 100_000,
      })).connect('Postgres', 3, 12_000),
    },
    threshold: { of: 'µs there and back', lastSilent: away(4999), firstLoud: away(5000) },
  },
  {
    detector: missingCompression,
    // 300 KB in 37.5 ms: a quarter is left, which takes longer than compressing it meanwhile.
    finds: {
      recording: plainText((index) => 290_000 + 400 * (index % 50)),
      callSite: '/app/catalog.js:3',
      savesUs: [27_500, 28_500],
    },
    leaves: {
      'over a fast way': plainText(() => 300_000, 100),
      'compressed, or no text': plainText(() => 300_000, 8, { ...LIST_CALL, isPlainText: false }),
      'a short answer': plainText(() => 20_000),
    },
    threshold: {
      of: 'bytes',
      lastSilent: plainText(() => 31_999),
      firstLoud: plainText(() => 32_000),
    },
  },
  {
    detector: blockedLoop,
    finds: { recording: blocked(60_000), callSite: '/app/login.js:18', savesUs: [55_000, 60_000] },
    leaves: {
      'nobody waits for it': blocked(60_000, 0),
      'all code is slow, on a machine without a free core': blocked(60_000, 40_000, 20_000),
    },
    threshold: { of: 'the stretch', lastSilent: blocked(9900), firstLoud: blocked(10_100) },
  },
  {
    detector: newChannels,
    finds: { recording: published(() => true), callSite: '/app/bus.js:20', savesUs: [8000, 8300] },
    leaves: {
      'channels that a process opens when it starts': published((index) => index < 30),
      'nothing is published': recorded(60, () => ({ operations: [amqpSetup('channel.open')] })),
    },
    threshold: {
      of: 'one message in so many',
      lastSilent: published((index) => index % 6 === 0),
      firstLoud: published((index) => index % 5 === 0),
    },
  },
  {
    detector: headOfLine,
    // One request of three waits 9.9 ms.
    finds: { recording: onOneConnection(10_000), callSite: '/app/catalog.js:8', savesUs: [3200, 3400] },
    leaves: {
      'each on a connection of its own': onOneConnection(10_000, 2),
      'all commands take as long': recorded(60, () => ({
        operations: [GET_PRICE, { ...GET_PRICE, withLast: true }].map((told) => ({
          ...told,
          phases: { wait: 10_000 },
        })),
      })),
    },
    threshold: {
      of: 'the long command',
      lastSilent: onOneConnection(1999),
      firstLoud: onOneConnection(2000),
    },
  },
  {
    detector: sequentialCalls,
    finds: { recording: oneAfterTheOther(COUNT), callSite: '/app/list.js:17', savesUs: [1000, 1000] },
    leaves: {
      'the first answer decides': oneAfterTheOther(COUNT, 0.8),
      'a session comes first': oneAfterTheOther(COUNT, 1, { ...GET_PRICE, statement: 'GET sess:?' }),
      'rows of a parent and of its children': oneAfterTheOther(LIST, 1, {
        statement: 'SELECT id FROM carts WHERE id = $1',
      }),
      'a list of keys, which comes from somewhere': oneAfterTheOther({
        statement: 'SELECT name FROM products WHERE id = ANY($1)',
      }),
      'a write': oneAfterTheOther({ ...COUNT, statement: 'UPDATE products SET seen = seen + 1' }),
      'a cache that knows nothing, which is why the second is asked': afterLook(0),
      'inside a transaction whose begin is not seen': recorded(60, () => ({
        operations: [PAGE, COUNT, { statement: 'ROLLBACK' }],
      })),
      'both at once': oneAfterTheOther({ ...COUNT, withLast: true }),
    },
    threshold: {
      of: 'the pause between',
      lastSilent: oneAfterTheOther({ ...COUNT, gapUs: 4501 }),
      firstLoud: oneAfterTheOther({ ...COUNT, gapUs: 4500 }),
    },
  },
  {
    detector: slowOperation,
    finds: { recording: slow(30_000), callSite: '/app/search.js:20', savesUs: [29_000, 29_000] },
    leaves: {
      'everything is slow': slow(30_000, 20_000),
      'a join that takes twice as long as a look-up': slow(11_900, 4000),
    },
    threshold: {
      of: 'more than the usual statement',
      lastSilent: slow(3500, 500),
      firstLoud: slow(3501, 500),
    },
  },
  {
    detector: stall,
    finds: { recording: stalling(50), callSite: '/app/pay.js:29', savesUs: [9500, 10_500] },
    leaves: {
      'slow answers of any length': stalling(100, (index) => 20_000 + (index % 20) * 2000),
      'a peer that takes 40 ms': stalling(196),
      'a peer that takes 40 ms now and then': stalling(50, undefined, 0),
      'large answers that arrive slowly': stallingAnswers(50, 500_000),
    },
    // 3 % of 200; that chance splits just these is far less.
    threshold: { of: 'late answers', lastSilent: stalling(5), firstLoud: stalling(6) },
  },
];

for (const each of CASES) detectorSuite(each);

test('a single start that takes more than a second is told with low confidence', () => {
  const { findings } = allFindings(warming(1_100_000, 1).sample());
  const cold = findings.filter(({ kind }) => kind === 'cold-start');
  assert.deepEqual(
    cold.map(({ confidence }) => confidence),
    ['low'],
  );
});

test('of two that ask for a row at once the one that asked first may have it last', () => {
  const kinds = (offUs: number): readonly string[] =>
    allFindings(locking(40_000, offUs, 'stock', [], -200).sample()).findings.map(({ kind }) => kind);
  assert.deepEqual(kinds(0), ['row-lock']);
  assert.ok(!kinds(20_000).includes('row-lock'));
});

test('how a queue takes several jobs, and that a client gave up, is said', () => {
  const fixOf = (recording: Recording): string => allFindings(recording.sample()).findings[0]?.fix ?? '';
  assert.match(fixOf(recorded(60, () => ({ operations: times(3, ADD_JOB) }))), /addBulk/);
  assert.match(
    fixOf(retrying(40, {}, 'unfinished')),
    /^No answer came within 20\.0\sms, and the client gave up/,
  );
  assert.match(fixOf(retrying(40)), /^Find out why the first attempt fails/);
});

test('waiting for what the request itself has begun is polling, and when it was done is known', () => {
  // Asked, begun, done 30 ms later, asked again 150 ms after that.
  const done: Told = { ...GET_PRICE, statement: 'SET job:?', gapUs: 30_000 };
  const asked = (between: readonly Told[]): Recording =>
    recorded(100, (index) => ({
      idleUs: 180_000,
      operations: [
        { ...GET_PRICE, statement: 'GET job:?', repeatAgeUs: REPEAT_NEVER },
        ...between,
        {
          ...GET_PRICE,
          statement: 'GET job:?',
          gapUs: 150_000 + (index % 3),
          repeatAgeUs: 182_000 + (index % 3),
        },
      ],
    }));
  const [found] = allFindings(asked([done]).sample()).findings;
  assert.equal(found?.kind, 'polling');
  assert.ok(Math.abs((found?.saving.meanUs ?? 0) - 150_500) < 1000, `${found?.saving.meanUs}`);
  // Something else is done meanwhile.
  const others = allFindings(asked([{ ...done, statement: 'SET other:?' }]).sample()).findings;
  assert.deepEqual(
    others.filter(({ kind }) => kind === 'polling'),
    [],
  );
});

test('what waits behind others on its connection waits in line, and is no slow query', () => {
  // Four at once, 8 ms each, on one connection or on four.
  const four = (isShared: boolean): Recording =>
    recorded(60, () => ({
      operations: Array.from({ length: 4 }, (_, nth) => ({
        statement: 'SELECT score($1)',
        withLast: nth > 0,
        connection: isShared ? 1 : 1 + nth,
        phases: { wait: isShared ? 8000 * (nth + 1) : 8000 },
      })),
    }));
  const told = (recording: Recording): (readonly [string, string])[] =>
    allFindings(recording.sample()).findings.map(({ kind, title }) => [kind, title]);
  const [first, ...others] = told(four(true));
  assert.match(
    first?.join(': ') ?? '',
    /^pool-starvation: shop has 1 connection to .* 75% of its queries wait in line/,
  );
  assert.deepEqual(others, []);
  assert.deepEqual(told(four(false)), []);
});

test('what comes while the first request is under way is part of the cold start', () => {
  const { findings } = allFindings(warming(1_500_000, 1, 120, 0, 0, 8).sample());
  const cold = findings.find(({ kind }) => kind === 'cold-start');
  assert.equal(cold?.evidence.requests, 9);
  // Nine of 128 wait 1.25 s on average.
  assert.ok(Math.abs((cold?.saving.meanUs ?? 0) - (9 / 128) * 1_300_000) < 5000, `${cold?.saving.meanUs}`);
});

test('a transaction around a call that goes, goes with it', () => {
  const inOne = (told: Told): Told[] => [{ statement: 'BEGIN' }, told, { statement: 'COMMIT' }];
  const meanUs = (kind: string, operations: readonly Told[]): number => {
    const { findings } = allFindings(recorded(60, () => ({ operations })).sample());
    return findings.find((finding) => finding.kind === kind)?.saving.meanUs ?? 0;
  };
  const row: Told = { statement: 'INSERT INTO steps VALUES ($1)', callSite: '/app/steps.js:5:1' };
  // 1 ms each, and 0.1 ms before each: nine of ten transactions, but for what a row of a batch takes.
  const alone = meanUs('n-plus-one', times(10, row));
  const each = meanUs('n-plus-one', Array.from({ length: 10 }, () => inOne(row)).flat());
  assert.ok(alone > 9000 && alone < 10_000, `${alone}`);
  assert.ok(each > alone + 9 * 2000 - 1000 && each < alone + 9 * 2200, `${each}`);
  // One transaction around all of them stays.
  const together = meanUs('n-plus-one', [{ statement: 'BEGIN' }, ...times(10, row), { statement: 'COMMIT' }]);
  assert.ok(Math.abs(together - alone) < 200, `${together}`);
});

test('what a database does more slowly for two at once is not promised', () => {
  // Every second request has another one beside it, and its count then takes `times` as long.
  const savedUs = (times: number): number => {
    const recording = new Recording();
    for (let index = 0; index < 80; index++) {
      const atUs = 1_000_000 + index * 100_000;
      const isBeside = index % 2 === 1;
      if (isBeside)
        recording.add({
          atUs: atUs - 5000,
          route: '/long',
          operations: [{ ...ITEM, connection: 2, phases: { wait: 40_000 } }],
        });
      recording.add({
        atUs,
        operations: [
          { ...PAGE, phases: { wait: 10_000 } },
          { ...COUNT, phases: { wait: isBeside ? 10_000 * times : 10_000 } },
        ],
      });
    }
    const { findings } = allFindings(recording.sample());
    return findings.find(({ kind }) => kind === 'sequential-calls')?.saving.meanUs ?? 0;
  };
  const free = savedUs(1);
  assert.ok(free > 9800 && free < 10_200, `${free}`);
  // Of 12.5 ms on average the half is what the other one beside it costs.
  const busy = savedUs(1.5);
  assert.ok(busy > 5800 && busy < 6600, `${busy}`);
});

test('asking in vain is told for its load where the time is little, and not where it is little of both', () => {
  const kinds = (others: number): readonly string[] =>
    allFindings(pollingFor((index) => 20 + (index % 3), 20_000, {}, others).sample()).findings.map(
      ({ kind }) => kind,
    );
  assert.deepEqual(kinds(2), ['polling']);
  assert.deepEqual(kinds(90), []);
});

test('what is not compressed: whose fault it is, and how sure, when all answers have one size', () => {
  const told = (recording: Recording): (readonly [string, boolean])[] =>
    allFindings(recording.sample())
      .findings.filter(({ kind }) => kind === 'missing-compression')
      .map(({ confidence, fix }) => [confidence, /does not say/.test(fix)]);
  const grows = (index: number): number => 200_000 + 4000 * (index % 50);
  assert.deepEqual(told(plainText(grows)), [['medium', false]]);
  assert.deepEqual(told(plainText(grows, 8, { ...LIST_CALL, takesCompressed: false })), [['medium', true]]);
  assert.deepEqual(told(plainText(() => 300_000)), [['low', false]]);
});

test('code that blocks lies between two calls', () => {
  const [found] = allFindings(blocked(60_000).sample()).findings;
  assert.match(found?.fix ?? '', /^It runs between the calls in login\.js:18 and thing\.js:10\. /);
});

test('a chain is no loop that a batch could replace, and its parts are named', () => {
  const only = (recording: Recording): (readonly [string, string])[] =>
    allFindings(recording.sample()).findings.map(({ kind, title }) => [kind, title]);
  assert.deepEqual(only(climbing(1)), [
    ['pointer-chase', '5 look-ups, each with a value from the answer before it: SELECT … FROM people'],
  ]);
  assert.deepEqual(
    only(climbing(0.4)).map(([kind]) => kind),
    ['n-plus-one'],
  );
  assert.deepEqual(only(following(30)), [
    [
      'pointer-chase',
      '3 look-ups, each with a value from the answer before it: SELECT … FROM orders, then SELECT … FROM customers, then SELECT … FROM addresses',
    ],
  ]);
});

test('a statement of a loop that is asked once more elsewhere is in the loop all the same', () => {
  const { findings } = allFindings(
    recorded(60, (index) => ({
      operations: [
        { ...ITEM, callSite: '/app/login.js:3:1' },
        { ...LIST, rows: 5 + (index % 5) },
        ...Array.from({ length: 5 + (index % 5) }, () => [ITEM, GET_PRICE, CHARGE]).flat(),
      ],
    })).sample(),
  );
  assert.deepEqual(
    findings.map(({ kind, title }) => [kind, /3 calls, 7 times/.test(title)]),
    [['loop-of-calls', true]],
  );
});

test('what a driver sends when a connection goes back is neither a call of a loop nor an extra round trip', () => {
  const reset: Told = { statement: 'SELECT pg_advisory_unlock_all(); CLOSE ALL; UNLISTEN *; RESET ALL;' };
  const { findings } = allFindings(
    recorded(60, (index) => ({
      operations: Array.from({ length: 3 + (index % 16) }, () => [{ ...ITEM, rows: 100 }, reset]).flat(),
    })).sample(),
  );
  assert.deepEqual(findings, []);
});

test('a transaction that its driver begins without a word holds its connection until its end', () => {
  const { findings } = allFindings(holding(80_000, 'SELECT n FROM stock WHERE id = $1').sample());
  assert.deepEqual(
    findings.map(({ kind, callSite }) => [kind, callSite]),
    [['held-connection', '/app/buy.js:3']],
  );
  // A query that takes its time, and its ROLLBACK: nobody works meanwhile, and others wait.
  const recording = new Recording();
  for (let index = 0; index < 60; index++) {
    const atUs = 1_000_000 + index * 100_000;
    const query: Told = { phases: { wait: 20_000 }, callSite: '/app/report.js:1:1' };
    const end: Told = { statement: 'ROLLBACK', gapUs: 5000 };
    recording.add({ atUs, operations: [query, end] });
    recording.add({
      atUs: atUs + 1000,
      operations: [{ ...query, phases: { pool: 25_100, wait: 20_000 } }, end],
    });
  }
  assert.deepEqual(kindsOf(recording), ['pool-starvation']);
});

test('an audit of several rows can wait, too', () => {
  const rows = [PAGE, { statement: 'INSERT INTO orders VALUES ($1)' }, AUDIT, AUDIT];
  assert.deepEqual(kindsOf(recorded(60, () => ({ method: 'POST', operations: rows }))), ['deferrable']);
});

test('a pool in which everybody takes equally long: half of a wait is when connections are handed over', () => {
  const recording = new Recording();
  const query = (connection: number, poolUs: number): Told => ({
    connection,
    phases: { pool: poolUs, wait: 20_000 },
    callSite: '/app/report.js:1:1',
  });
  // Eight at once for two connections; from one to the next it takes 0.4 ms.
  for (let index = 0; index < 30; index++)
    for (let place = 0; place < 8; place++) {
      const turn = Math.floor(place / 2);
      const atUs = 1_000_000 + index * 200_000 - (turn > 0 ? 400 : 0);
      recording.add({ atUs, operations: [query(1 + (place % 2), turn * 20_400 + (turn > 0 ? 400 : 0))] });
    }
  assert.deepEqual(kindsOf(recording), ['pool-starvation']);
});

test('a pool whose connections are opened while somebody waits for them', () => {
  // Two requests at a time; the third waits for one of them. At first both connections have to be opened.
  const recording = new Recording();
  const query = (connection: number, poolUs: number): Told => ({
    connection,
    phases: { pool: poolUs, wait: 20_000 },
    callSite: '/app/report.js:1:1',
  });
  for (let index = 0; index < 30; index++) {
    const atUs = 1_000_000 + index * 100_000;
    const openUs = index === 0 ? 30_000 : 0;
    const waits = [openUs, openUs, openUs + 20_000];
    for (const [place, us] of waits.entries())
      recording.add({ atUs: atUs + place, operations: [query(1 + (place % 2), us)] });
  }
  assert.deepEqual(kindsOf(recording), ['pool-starvation']);
  // Nobody but who opens waits: a process that starts.
  const starting = recorded(60, (index) => ({
    operations: [query(index % 20, index < 20 ? 30_000 : 0)],
  }));
  assert.deepEqual(kindsOf(starting), []);
});

test('the same extra round trips on many endpoints are one finding, those of one endpoint another', () => {
  const recording = new Recording();
  for (let index = 0; index < 120; index++)
    recording.add({
      route: `/things/${index % 4}`,
      operations: [...(index % 4 === 3 ? [SET_PATH] : []), { statement: 'SELECT 1' }, PAGE],
    });
  const { findings } = allFindings(recording.sample());
  assert.deepEqual(findings.map(({ kind, effects }) => [kind, effects.length]).toSorted(), [
    ['control-statements', 1],
    ['control-statements', 3],
  ]);
});

test('calls one after the other: sure when the second always asks the same, silent when the first names its row', () => {
  const rates: Told = { ...CHARGE, statement: 'GET /rates', callSite: '/app/rates.js:3:1' };
  const confidenceOf = (second: (index: number) => Told, first = PAGE): string[] =>
    allFindings(recorded(60, (index) => ({ operations: [first, second(index)] })).sample())
      .findings.filter(({ kind }) => kind === 'sequential-calls')
      .map(({ confidence }) => confidence);
  // A request takes 3.3 ms with the pause behind it.
  const constant = (index: number): Told => ({ ...rates, repeatAgeUs: index === 0 ? REPEAT_NEVER : 3300 });
  assert.deepEqual(confidenceOf(constant), ['medium']);
  assert.deepEqual(
    confidenceOf(() => rates),
    ['low'],
  );
  const needing =
    (share: number) =>
    (index: number): Told =>
      index % 3 === 0 ? { ...rates, needsAnswer: index % 30 < share * 30 } : rates;
  // Every third request is looked at; of them half and less than half.
  assert.deepEqual(confidenceOf(needing(0.5)), []);
  assert.deepEqual(confidenceOf(needing(0.4)), ['low']);
  // All values known before; most of them; a value that comes from nobody knows where.
  const knowing =
    (share: number, knewValues: boolean) =>
    (index: number): Told =>
      index % 10 < share * 10
        ? { ...rates, needsAnswer: false, knewValues }
        : { ...rates, needsAnswer: false };
  assert.deepEqual(confidenceOf(knowing(0.8, true)), ['medium']);
  assert.deepEqual(confidenceOf(knowing(0.2, false)), ['medium']);
  assert.deepEqual(confidenceOf(knowing(0.3, false)), ['low']);
  assert.deepEqual(confidenceOf(knowing(0.4, false)), ['low']);
  assert.deepEqual(confidenceOf(knowing(0.5, false)), []);
  // Drivers in C show neither questions nor answers.
  const unseen = { ...PAGE, bytesIn: 0, bytesOut: 0 };
  assert.deepEqual(
    confidenceOf(() => rates, unseen),
    [],
  );
  assert.deepEqual(
    confidenceOf(() => ({ ...unseen, statement: 'SELECT a FROM users WHERE id = $1' })),
    [],
  );
  assert.deepEqual(
    confidenceOf(() => ({ ...COUNT, bytesIn: 0, bytesOut: 0 }), unseen),
    ['medium'],
  );
  assert.deepEqual(confidenceOf(knowing(1, true), unseen), ['medium']);
  // What a library says on a new connection is no call of the program.
  assert.deepEqual(
    confidenceOf(() => COUNT, { statement: 'SELECT set_config($1, $2, $3)' }),
    [],
  );
  const entry: Told = { statement: 'SELECT id, category_id FROM entries WHERE account_id = $1' };
  const category = (): Told => ({ statement: 'SELECT name FROM categories WHERE id = $1' });
  assert.deepEqual(confidenceOf(category, entry), []);
});

const RESET: Told = {
  statement: 'SELECT pg_advisory_unlock_all(); CLOSE ALL; UNLISTEN *; RESET ALL;',
};

function kindsOf(recording: Recording): string[] {
  return allFindings(recording.sample()).findings.map(({ kind }) => kind);
}

test('a loop over what came with the request: its length differs, though no list was seen', () => {
  const over = (items: (index: number) => number): Recording =>
    recorded(60, (index) => ({ operations: times(items(index), GET_PRICE) }));
  assert.deepEqual(kindsOf(over((index) => 3 + (index % 3))), ['n-plus-one-calls']);
  // A list in parts of a hundred: one, two or three of them.
  assert.deepEqual(kindsOf(over((index) => 1 + (index % 3))), []);
});

test('what a driver says when a connection goes back goes with the call, and parts nothing', () => {
  const each = [ITEM, RESET];
  const { findings } = allFindings(
    recorded(60, (index) => ({
      operations: [
        { ...LIST, rows: 4 + (index % 3) },
        RESET,
        ...Array.from({ length: 4 + (index % 3) }, () => each).flat(),
      ],
    })).sample(),
  );
  assert.deepEqual(
    findings.map(({ kind }) => kind),
    ['n-plus-one'],
  );
  // 4 of 5 queries of 1 ms, their resets of 1 ms, and 0.2 ms of code for each.
  assert.ok(
    Math.abs((findings[0]?.saving.meanUs ?? 0) - 8900) < 300,
    `saves ${findings[0]?.saving.meanUs} µs`,
  );
  assert.deepEqual(kindsOf(recorded(60, () => ({ operations: [PAGE, RESET, COUNT, RESET] }))), [
    'sequential-calls',
  ]);
  assert.deepEqual(kindsOf(atTheEnd(AUDIT, [PAGE], [])), ['deferrable']);
  assert.deepEqual(kindsOf(recorded(60, () => ({ operations: [PAGE, RESET, AUDIT, RESET] }))), [
    'deferrable',
  ]);
});

test('what all endpoints ask first decides whether they go on', () => {
  const gated = (endpoints: number): Recording =>
    recorded(60 * endpoints, (index) => ({
      route: `/things/${index % endpoints}`,
      operations: [{ ...GET_PRICE, statement: 'GET who:?' }, COUNT],
    }));
  assert.deepEqual(kindsOf(gated(1)), ['sequential-calls']);
  assert.deepEqual(kindsOf(gated(3)), []);
});

test('who ends connections is who has to mend it', () => {
  const fixOf = (closing: number): string =>
    allFindings(
      recorded(60, (index) => ({
        operations: [
          {
            ...CHARGE,
            connection: 100 + index,
            nthOnConnection: 1,
            peerCloses: index % 10 < closing,
            phases: { tcp: 5000, wait: 20_000 },
          },
        ],
      })).sample(),
    ).findings.find(({ kind }) => kind === 'new-connections')?.fix ?? '';
  assert.match(fixOf(8), /^The other side ends/);
  assert.match(fixOf(7), /^Keep connections open/);
});

test('a connection for each request that asks several things is one finding, wherever the first call comes from', () => {
  const { findings } = allFindings(
    recorded(90, (index) => {
      const place = index % 3;
      const ask = (nth: number): Told => ({
        statement: `SELECT a FROM table_${place}_${nth} WHERE id = $1`,
        callSite: `/app/view_${place}.py:${nth}:1`,
        connection: 100 + index,
        nthOnConnection: nth,
        phases: nth === 1 ? { tcp: 3000, wait: 1000 } : { wait: 1000 },
      });
      return { route: `/${place}`, operations: [ask(1), ask(2), ask(3)] };
    }).sample(),
  );
  const found = findings.filter(({ kind }) => kind === 'new-connections');
  assert.deepEqual(
    found.map(({ title }) => title.replace(/ of .*| to .* for/, ' for')),
    ['A new connection for every request: 3.00\u202fms before each'],
  );
  assert.equal(found[0]?.effects.length, 3);
});

test('rows that are equal are written one by one all the same', () => {
  const row: Told = {
    statement: 'INSERT INTO lines (report, text) VALUES ($1, $2)',
    callSite: '/app/report.js:3:1',
  };
  // 1 ms each, 0.1 ms between them.
  const again = { ...row, repeatAgeUs: 1100 };
  assert.deepEqual(
    kindsOf(
      recorded(60, () => ({ operations: [{ ...row, repeatAgeUs: REPEAT_NEVER }, ...times(7, again)] })),
    ),
    ['n-plus-one'],
  );
});

test('a list in which some are the same is a loop, too', () => {
  const { findings } = allFindings(loopWithRepeats().sample());
  assert.deepEqual(
    findings.map(({ kind, callSite }) => [kind, callSite]),
    [['n-plus-one', '/app/cart.js:9']],
  );
});

test('every detector has its cases', () => {
  assert.deepEqual(new Set(CASES.map(({ detector }) => detector)), new Set(DETECTORS));
});

test('support: 8 requests in three blocks of time, and not one less', () => {
  const loops = (count: number, all = count): Recording =>
    recorded(all, (index) => ({
      operations: index < count ? [{ ...LIST, rows: 8 }, ...times(8, ITEM)] : [LIST],
    }));
  assert.equal(allFindings(loops(7).sample()).findings.length, 0);
  assert.equal(allFindings(loops(8).sample()).findings.length, 1);
  assert.equal(allFindings(loops(30, 90).sample()).findings.length, 0, 'a burst in two of six blocks');
});

test('support: five requests are enough when they are most of the slowest twentieth', () => {
  const rare = (count: number, late: number): Recording =>
    recorded(150, (index) => {
      const isLate = index % Math.floor(150 / count) === 0 && index / Math.floor(150 / count) < count;
      const again: Told = { ...CHARGE, gapUs: 50_000, phases: { wait: 20_000 } };
      const failed: Told = { ...CHARGE, outcome: 'error', phases: { wait: 20_000 } };
      // Others are slow for another reason.
      const other: Told = { ...CHARGE, phases: { wait: index % 10 === 7 ? late : 20_000 } };
      return { operations: isLate ? [failed, again] : [other] };
    });
  assert.deepEqual(kindsOf(rare(5, 20_000)), ['retries']);
  assert.deepEqual(kindsOf(rare(4, 20_000)), []);
  assert.deepEqual(kindsOf(rare(5, 200_000)), []);
});

test('two pools of one database are told apart by who uses them', () => {
  const recording = new Recording();
  for (let index = 0; index < 60; index++) {
    const atUs = 1_000_000 + index * 100_000;
    for (let place = 0; place < 4; place++)
      recording.add({ atUs: atUs + place, operations: [{ ...PAGE, connection: 10 + place }] });
    const report: Told = {
      statement: 'SELECT sum(a) FROM sales',
      callSite: '/app/report.js:1:1',
      connection: 1,
    };
    for (const poolUs of [0, 20_000])
      recording.add({
        atUs: atUs + poolUs / 1000,
        route: '/report',
        operations: [{ ...report, phases: { pool: poolUs, wait: 20_000 } }],
      });
  }
  const { findings } = allFindings(recording.sample());
  assert.deepEqual(
    findings.filter(({ kind }) => kind === 'pool-starvation').map(({ title }) => title),
    ['shop has 1 connection to Postgres: 50% of its queries wait in line'],
  );
});

test('confidence is low below 30 requests', () => {
  const { findings } = allFindings(recorded(29, () => loopOf(8)).sample());
  assert.deepEqual(
    findings.map(({ confidence }) => confidence),
    ['low'],
  );
  const more = allFindings(recorded(30, () => loopOf(8)).sample());
  assert.deepEqual(
    more.findings.map(({ confidence }) => confidence),
    ['high'],
  );
});

test('an answer in two pieces stalls, too', () => {
  const { findings } = allFindings(stallingAnswers(50).sample());
  assert.deepEqual(
    findings.map(({ kind, fix }) => [kind, /its server/.test(fix)]),
    [['stall-40-ms', true]],
  );
});

test('what is not on the critical path is no finding', () => {
  const beside: Told = { ...CHARGE, phases: { wait: 90_000 } };
  const recording = recorded(60, () => ({
    operations: [beside, { ...ITEM, withLast: true }, ...times(9, { ...ITEM, withLast: true, gapUs: 0 })],
  }));
  assert.deepEqual(allFindings(recording.sample()).findings, []);
});

test('two findings about the same operations are one, and savings that overlap count once', () => {
  const { findings, togetherShare } = allFindings(loop((index) => 6 + (index % 12)).sample());
  assert.equal(findings.length, 1);
  assert.ok(Math.abs(togetherShare - (findings[0]?.share ?? 0)) < 1e-9);
});

test('the id of a finding survives other lines, other data and other order', () => {
  const first = allFindings(loop((index) => 3 + (index % 16)).sample()).findings[0];
  const moved = { ...ITEM, callSite: '/app/cart.js:90:1' };
  const second = allFindings(loop((index) => 4 + (index % 9), moved).sample()).findings[0];
  assert.ok(first !== undefined && first.id === second?.id);
});

test('of several statements that open connections, chance does not choose the one that names the finding', () => {
  const idOf = (usual: string): string | undefined =>
    allFindings(
      recorded(60, (index) => ({
        operations: [
          {
            ...CHARGE,
            statement: index % 5 < 3 ? usual : usual === 'GET /us' ? 'GET /uk' : 'GET /us',
            connection: 100 + index,
            nthOnConnection: 1,
            phases: { tcp: 5000, wait: 1000 },
          },
        ],
      })).sample(),
    ).findings[0]?.id;
  assert.ok(idOf('GET /us') !== undefined);
  assert.equal(idOf('GET /us'), idOf('GET /uk'));
});

test('few calls of a fixed number are a loop where something says so: rows that are written, values of one answer, one line', () => {
  const kinds = (recording: Recording): readonly string[] =>
    allFindings(recording.sample()).findings.map(({ kind }) => kind);
  assert.deepEqual(kinds(recorded(60, () => ({ operations: times(3, ROW) }))), ['n-plus-one']);
  assert.deepEqual(kinds(listed(3, 12)), ['n-plus-one']);
  assert.deepEqual(kinds(recorded(60, () => ({ operations: times(4, ITEM) }))), ['n-plus-one']);
});

test('a call that was given up ends when it is made again, whenever its connection is closed', () => {
  const recording = recorded(100, (index) => ({
    operations:
      index % 10 === 3
        ? [
            { ...CHARGE, outcome: 'unfinished', phases: { wait: 1_030_000 + 500 * index } },
            { ...CHARGE, withLast: true, afterLastUs: 1_002_000, phases: { wait: 60_000 } },
          ]
        : [CHARGE],
  }));
  const [found] = allFindings(recording.sample()).findings;
  assert.equal(found?.kind, 'timeouts');
  assert.ok((found?.saving.meanUs ?? 0) > 90_000, `saves ${found?.saving.meanUs} µs`);
});

test('what others gain from a shorter line is told after what its own endpoint gains', () => {
  const recording = new Recording();
  for (let index = 0; index < 60; index++) {
    const atUs = 1_000_000 + index * 100_000;
    recording.add({ atUs, route: '/list', operations: times(8, ITEM) });
    for (const place of [1, 2, 3])
      recording.add({
        atUs: atUs + 100 * place,
        route: '/next',
        operations: [{ phases: { pool: 8500 + 1000 * place, wait: 1000 }, statement: 'SELECT b FROM other' }],
      });
  }
  const found = allFindings(recording.sample()).findings.find(({ kind }) => kind === 'n-plus-one');
  assert.equal(found?.effects[0]?.route, '/list');
});

test('a question that prepares its statement is the same question', () => {
  const recording = recorded(100, () => ({
    operations: [
      { ...SESSION, bytesOut: 180, bytesIn: 86, repeatAgeUs: REPEAT_NEVER },
      { ...SESSION_AGAIN, bytesOut: 59, bytesIn: 39, repeatAgeUs: 1100 },
    ],
  }));
  assert.deepEqual(
    allFindings(recording.sample()).findings.map(({ kind }) => kind),
    ['duplicate-call'],
  );
});

test('what was asked before the template of its path was learnt belongs to it', () => {
  const path = (index: number): string => (index < 12 ? `GET /exports/s${index}` : 'GET /exports/:id');
  const recording = recorded(100, (index) => ({
    operations: [
      ...times(4, { ...CHARGE, statement: path(index) }),
      { ...CHARGE, statement: 'GET /exports/all' },
    ],
  }));
  const [found, ...others] = allFindings(recording.sample()).findings;
  assert.deepEqual([found?.kind, found?.evidence.requests, others], ['n-plus-one-calls', 100, []]);
});

test('rows that name the next row of their table are a chain where nobody saw the words, and none after a list', () => {
  const climb = (before: readonly Told[], told: Partial<Told> = {}): readonly string[] =>
    allFindings(
      recorded(60, () => ({
        operations: [
          ...before,
          ...times(4, { statement: 'SELECT name, parent_id FROM folders WHERE id = $1', ...told }),
        ],
      })).sample(),
    ).findings.map(({ kind }) => kind);
  assert.deepEqual(climb([]), ['pointer-chase']);
  assert.deepEqual(climb([], { needsAnswer: false, knewValues: false }), ['pointer-chase']);
  assert.deepEqual(climb([{ ...LIST, rows: 4 }]), ['n-plus-one']);
  assert.deepEqual(climb([], { needsAnswer: true, knewValues: true }), []);
});

test('a search that is fast for some words, and slow for most, is slow', () => {
  const isTold = (slowUs: number) =>
    allFindings(slow(0, 1000, (index) => (index % 3 === 0 ? 2500 : slowUs)).sample()).findings.some(
      ({ kind }) => kind === 'slow-operation',
    );
  assert.deepEqual([isTold(15_000), isTold(4900)], [true, false]);
});

test('a database that has another address after a restart has the same findings, and each once', () => {
  const recording = new Recording();
  for (let index = 0; index < 120; index++) {
    const dependency = index < 60 ? 'Postgres 10.0.0.3:5432' : 'Postgres 10.0.0.4:5432';
    const items = 3 + (index % 4);
    recording.add({
      operations: [
        { ...LIST, dependency, rows: items },
        ...times(items, {
          dependency,
          statement: 'SELECT name FROM products WHERE id = $1',
          callSite: '/app/cart.js:9:1',
        }),
      ],
    });
  }
  const found = allFindings(recording.sample()).findings.filter(({ kind }) => kind === 'n-plus-one');
  assert.equal(found.length, 1);
  assert.equal(found[0]?.evidence.requests, 120);
  const before = new Recording();
  for (let index = 0; index < 60; index++)
    before.add({
      operations: [
        { ...LIST, rows: 3 + (index % 4) },
        ...times(3 + (index % 4), {
          statement: 'SELECT name FROM products WHERE id = $1',
          callSite: '/app/cart.js:9:1',
        }),
      ],
    });
  assert.equal(
    allFindings(before.sample()).findings.find(({ kind }) => kind === 'n-plus-one')?.id,
    found[0]?.id,
  );
});
