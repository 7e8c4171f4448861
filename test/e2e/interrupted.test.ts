// Ctrl-C in a real terminal: the kernel sends SIGINT to wiretime and to the program at once. The program has no handler, so it dies where it is.
// In: the built product, on a pty (`script` of util-linux). Out: what was recorded, and how everybody ended.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Report } from '../../src/answer/api.ts';
import { Workplace } from './command.ts';

const PATIENCE_MS = 20_000;
const CTRL_C = '\x03';
const PROGRAM = `
  const server = require('node:http').createServer((request, response) => response.end('ok'));
  server.listen(0, '127.0.0.1', () => console.log('listening on ' + server.address().port));
`;
const place = new Workplace();
after(() => place.remove());
const skip = spawnSync('script', ['--version']).status === 0 ? false : 'needs script of util-linux';

test(
  'Ctrl-C: what the program did before is kept, and wiretime dies of SIGINT as the program did',
  { skip },
  async () => {
    const command = `'${process.execPath}' '${resolve('dist/cli.js')}' run -- '${process.execPath}' -e "${PROGRAM.replaceAll('\n', ' ')}"`;
    const terminal = place.startProgram('script', ['-q', '-e', '-c', command, '/dev/null']);
    const [, port] = await terminal.prints(/listening on (\d+)/);
    for (let number = 0; number < 3; number++) await (await fetch(`http://127.0.0.1:${port}/early`)).text();
    // They are with the collector.
    const deadline = performance.now() + PATIENCE_MS;
    while ((await requestsOf('/early')) < 3) {
      assert.ok(performance.now() < deadline, 'not recorded within 20 s');
      await sleep(50);
    }
    await (await fetch(`http://127.0.0.1:${port}/late`)).text();
    terminal.child.stdin?.write(CTRL_C);
    const { code, stdout } = await terminal.ended;
    assert.equal(code, 130, stdout);
    assert.match(stdout, /\/early/);
    assert.equal(await requestsOf('/early'), 3);
    // Made less than 50 ms before: it may be missing, and is never there by half.
    assert.ok((await requestsOf('/late')) <= 1);
  },
);

async function requestsOf(route: string): Promise<number> {
  const { stdout } = await place.run(['report', '--format', 'json']);
  if (stdout === '') return 0;
  return (JSON.parse(stdout) as Report).endpoints.find((one) => one.route === route)?.requests ?? 0;
}
