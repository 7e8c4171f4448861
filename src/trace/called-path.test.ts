import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Operation } from '../model/operation.ts';
import { learnCalledPath } from './called-path.ts';
import { RouteLearner } from './route-learner.ts';

function called(paths: RouteLearner, statement: string, dependency = 'api.example'): string {
  const operation = new Operation();
  operation.protocol = 'http';
  operation.dependency = dependency;
  operation.statement = statement;
  learnCalledPath(paths, operation);
  return operation.statement;
}

it('learns that a part which is ever new is a value', () => {
  const paths = new RouteLearner();
  for (let parcel = 0; parcel < 40; parcel++) called(paths, `GET /v1/labels/C${1000 + parcel}`);
  assert.equal(called(paths, 'GET /v1/labels/C77'), 'GET /v1/labels/:id');
});

it('keeps the words of an API, and what was learnt of another host', () => {
  const paths = new RouteLearner();
  for (let turn = 0; turn < 40; turn++) called(paths, `GET /named/city-of-${turn}`, 'geo.example');
  for (let turn = 0; turn < 400; turn++)
    assert.equal(called(paths, 'GET /named/city-of-7'), 'GET /named/city-of-7');
  assert.equal(called(paths, 'GET /named/city-of-x', 'geo.example'), 'GET /named/:id');
  assert.equal(called(paths, 'POST /orders/:id/lines'), 'POST /orders/:id/lines');
});

it('leaves alone what has no path', () => {
  const paths = new RouteLearner();
  for (const statement of ['connect', 'CONNECT', '', 'websocket'])
    assert.equal(called(paths, statement), statement);
  const operation = new Operation();
  operation.protocol = 'redis';
  operation.statement = 'GET /a';
  for (let turn = 0; turn < 100; turn++) learnCalledPath(paths, operation);
  assert.equal(operation.statement, 'GET /a');
  assert.equal(paths.size, 0);
});
