// A Node gateway in front of a Python backend, with one command. In: the built product, python3. Out: one trace through both,
// and where the backend's threads spent their time.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { after, test } from 'node:test';
import type { Report } from '../../src/answer/api.ts';
import { Workplace } from './command.ts';

const place = new Workplace();
after(() => place.remove());
const python = process.env['WIRETIME_TEST_PYTHON'] ?? 'python3';
const found = spawnSync(python, ['-c', 'import sys; sys.exit(sys.version_info < (3, 9))']);
const skip = found.status === 0 ? false : 'needs Python 3.9 or newer';

test(
  'requests go through Node and Python in one trace, and time is where it was spent',
  { skip },
  async () => {
    const gateway = resolve('test/e2e/python-gateway.cjs');
    const data = place.path('data');
    const options = ['--data', data, '--no-ui', '--summary', 'none', '--service', 'gateway', '--json', '-'];
    const command = ['run', ...options, '--', process.execPath, gateway, python];
    const { code, stdout, stderr } = await place.run(command);
    assert.equal(code, 0, stderr);
    const report = JSON.parse(stdout) as Report;

    assert.deepEqual(report.services.map(({ name, runtime }) => [name, runtime.split(' ')[0]]).toSorted(), [
      ['backend', 'python'],
      ['gateway', 'node'],
    ]);
    const { coverage } = report;
    assert.deepEqual([coverage.requests, coverage.dropped, coverage.notVisible], [60, 0, 0]);

    const slow = endpoint(report, 'backend', 'slow');
    const nap = endpoint(report, 'backend', 'nap');
    assert.deepEqual([slow.requests, nap.requests], [10, 20]);
    // Burning 20 ms of CPU is own code; sleeping 20 ms is not, and nobody can say what it was.
    assert.ok(part(slow, 'own') >= 19.5, JSON.stringify(slow));
    assert.ok(part(nap, 'other') >= 19.5 && part(nap, 'own') < 10, JSON.stringify(nap));

    // The gateway's time is the backend's: joined without a header.
    const before = endpoint(report, 'gateway', 'slow');
    assert.ok(part(before, 'own') >= 19.5, JSON.stringify(before));
    assert.equal(before.operations[0]?.dependency, 'backend');
  },
);

for (const [between, propagate] of [
  ['direct', 'off'],
  ['proxied', ''],
] as const)
  test(`Node, Python and Node in one trace, ${between}, headers ${propagate || 'on'}`, { skip }, async () => {
    const script = resolve('test/e2e/python-chain.cjs');
    const data = place.path(`chain-${between}`);
    const options = ['--data', data, '--no-ui', '--summary', 'none', '--service', 'front', '--json', '-'];
    const command = ['run', ...options, '--', process.execPath, script, python, between];
    const { code, stdout, stderr } = await place.run(command, { WIRETIME_PROPAGATE: propagate });
    assert.equal(code, 0, stderr);
    const report = JSON.parse(stdout) as Report;
    assert.deepEqual([report.coverage.requests, report.coverage.dropped], [150, 0]);
    // An operation is named after the service that answered it only where the two are joined.
    const asked = ['front', 'middle', 'back'].map((service) => {
      const { requests, operations } = endpoint(report, service, 'order');
      return [requests, ...operations.map((one) => [one.dependency, one.perRequest])];
    });
    assert.deepEqual(asked, [[50, ['middle', 1]], [50, ['back', 1]], [50]]);
  });

type Endpoint = Report['endpoints'][number];

function endpoint(report: Report, service: string, word: string): Endpoint {
  const found = report.endpoints.find((one) => one.service === service && one.route.includes(word));
  assert.ok(found, `${service} ${word}: ${JSON.stringify(report.endpoints)}`);
  return found;
}

function part({ categories }: Endpoint, key: string): number {
  return categories.find((category) => category.key === key)?.msPerRequest ?? 0;
}
