import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StatusAnswer } from '../../answer/api.ts';
import { findInstallation } from '../installation.ts';
import { diagnose, runtimeOf } from './explain.ts';
import { versionChecks } from './machine-checks.ts';
import { diagnoseAll, expectedOf, programChecks } from './program-checks.ts';

const installation = findInstallation();

test('a wiretime of another version that still runs is a failure, the same or a saved recording is not', () => {
  const state = { pid: 1, command: 'serve', dataFolder: '/d', socketPath: '/s' } as const;
  const statusOf = (version: string, isLive = true) => ({ version, isLive }) as StatusAnswer;
  const [check] = versionChecks(state, statusOf('0.0.1'), installation);
  assert.equal(check?.result, 'failed');
  assert.match(check?.detail ?? '', /is 0\.0\.1, this is /);
  assert.deepEqual(versionChecks(state, statusOf(installation.version), installation), []);
  assert.deepEqual(versionChecks(state, statusOf('0.0.1', false), installation), []);
  assert.deepEqual(versionChecks(undefined, undefined, installation), []);
});

test('without /proc there is only what agents say, and nobody is accused', () => {
  const seen = [{ pid: 7, requests: 0, problem: '', notVisible: [] }];
  const diagnoses = diagnoseAll([], seen, expectedOf(installation, '/s'));
  assert.deepEqual(
    diagnoses.map(({ pid, state, problem }) => [pid, state, problem]),
    [[7, 'seen', undefined]],
  );
  const watched = {
    socketPath: '/s',
    processes: [],
    seen: [],
    code: undefined,
    complaint: '',
    leftBehind: [],
  };
  assert.deepEqual(
    programChecks(watched, diagnoses).map(({ result }) => result),
    ['ok', 'skipped', 'ok'],
  );
});

test('the file that runs says what it is', () => {
  const facts = { pid: 1, innerPid: 1, parent: 0, user: 0, args: [], env: {}, isListening: false };
  const names = {
    '/usr/bin/node': 'node',
    '/opt/node-22/bin/nodejs': 'node',
    '/usr/bin/python3.11': 'python',
    '/usr/lib/bun.exe': 'bun',
    '/usr/bin/docker': 'container',
    '/usr/bin/nodemon-like': 'nodemon-like',
    '': '',
  };
  for (const [executable, runtime] of Object.entries(names))
    assert.equal(runtimeOf({ ...facts, executable }), runtime);
});

test('what a program was started with is shown without what may be a password', () => {
  const args = ['node', 'worker.js', 'postgres://me:secret@db/shop', '--token=secret'];
  const process = {
    pid: 1,
    innerPid: 1,
    parent: 0,
    user: 0,
    executable: '/usr/bin/node',
    args,
    env: {},
    isListening: false,
  };
  const { program } = diagnose(process, undefined, expectedOf(installation, '/s'));
  assert.equal(program, 'node worker.js postgres://… --token=…');
});

test('a Node.js that is too old for the agent is told from one that ignores it', () => {
  const expected = expectedOf(installation, '/s');
  const process = {
    pid: 1,
    innerPid: 1,
    parent: 0,
    user: expected.user,
    executable: '/usr/bin/node',
    args: ['node', 'server.js'],
    env: { WIRETIME_SOCKET: '/s', NODE_OPTIONS: `--require=${installation.agentFile}` },
    isListening: true,
  };
  const problemOn = (version: string) =>
    diagnose(process, undefined, { ...expected, access: () => 'ok', versionOf: () => version }).problem;
  assert.equal(problemOn('v18.20.8')?.id, 'node-version');
  assert.match(problemOn('v18.20.8')?.what ?? '', /v18\.20\.8/);
  for (const version of ['v20.19.0', 'v26.1.0', '']) assert.equal(problemOn(version)?.id, 'options-ignored');
  assert.equal(expected.versionOf(globalThis.process.execPath), globalThis.process.version);
  assert.equal(expected.versionOf('/no/such/file'), '');
});

test('of what a command said, the line with the error is told', () => {
  const of = (complaint: string) =>
    programChecks({ socketPath: '/s', processes: [], seen: [], code: 1, complaint, leftBehind: [] }, [])[0]
      ?.detail;
  const node =
    "node:events:497\n      throw er;\n      ^\n\nError: boom\n    at x (a.js:1:1) {\n  code: 'E'\n}\n\nNode.js v20.20.2\n";
  assert.equal(of(node), 'ended with 1. It said: Error: boom');
  assert.equal(
    of(node.replace('Error: b', 'TypeError [ERR_X]: b')),
    'ended with 1. It said: TypeError [ERR_X]: boom',
  );
  const python =
    'Traceback (most recent call last):\n  File "a.py", line 1\nModuleNotFoundError: No module named x\n';
  assert.equal(of(python), 'ended with 1. It said: ModuleNotFoundError: No module named x');
  assert.equal(of('a\nb\nc\nd\n'), 'ended with 1. It said: b c d');
});

test('tools that put a title where their arguments were need not be seen', () => {
  const facts = {
    pid: 1,
    innerPid: 1,
    parent: 0,
    user: 0,
    executable: '/usr/bin/node',
    env: {},
    isListening: true,
  };
  const stateOf = (title: string) =>
    diagnose({ ...facts, args: [title] }, undefined, expectedOf(installation, '/s')).state;
  for (const title of ['npm run dev', 'npx turbo', 'PM2 v7.0.4: God Daemon (/root/.pm2)'])
    assert.equal(stateOf(title), 'aside');
  for (const title of ['shop', 'npm', 'PM2 shop']) assert.equal(stateOf(title), 'unseen');
});
