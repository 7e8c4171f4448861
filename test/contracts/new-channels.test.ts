// A channel of AMQP for each message, and the nearest that is none.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newChannels } from '../../src/analysis/detectors/new-channels.ts';
import { allFindings } from './detector.ts';
import { Recording, type Told } from './recorded-requests.ts';

const AMQP = {
  protocol: 'amqp',
  dependency: 'RabbitMQ',
  category: 'msg',
  callSite: '/app/bus.js:20:19',
} as const;
const setup = (statement: string): Told => ({ ...AMQP, statement, role: 'setup', phases: { wait: 3000 } });
const PUBLISH: Told = {
  ...AMQP,
  statement: 'publish mails',
  callSite: '/app/bus.js:21:11',
  phases: { wait: 2000 },
};
const CLOSE: Told = { ...AMQP, statement: 'channel.close', phases: { wait: 2000 } };
const ALL = [setup('channel.open'), setup('confirm.select'), PUBLISH, CLOSE];

/** `opens`: whether the request with this number has a channel of its own. */
function published(opens: (index: number) => boolean): Recording {
  const recording = new Recording();
  for (let index = 0; index < 100; index++)
    recording.add({ method: 'POST', operations: opens(index) ? ALL : [PUBLISH] });
  return recording;
}

function suspicions(recording: Recording): number {
  return [...newChannels.detect(recording.sample())].filter((step) => step !== undefined).length;
}

test('a channel for each message is told, with its line and what it takes', () => {
  const { findings } = allFindings(published(() => true).sample());
  const found = findings.find(({ title }) => title.startsWith('A new channel'));
  assert.match(found?.title ?? '', /^A new channel for every message to RabbitMQ: 8.00\sms around each$/);
  assert.equal(found?.callSite, '/app/bus.js:20');
  assert.ok(Math.abs(found.saving.meanUs - 8000) < 400, String(found.saving.meanUs));
});

test('channels that a process opens when it starts are none', () => {
  assert.equal(suspicions(published((index) => index < 30)), 0);
});

test('one in five messages is the first loud value', () => {
  assert.equal(suspicions(published((index) => index % 5 === 0)), 1);
  assert.equal(suspicions(published((index) => index % 6 === 0)), 0);
});

test('who opens channels and publishes nothing in requests is left alone', () => {
  const recording = new Recording();
  for (let index = 0; index < 100; index++) recording.add({ operations: [setup('channel.open'), CLOSE] });
  assert.equal(suspicions(recording), 0);
});
