import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { test } from 'node:test';
import { CoreTime, type Kernel, type Traced } from './core-time.ts';

const traced = (runtime: 'node' | 'python', host = 'here'): Traced => ({
  id: 7,
  info: { pid: 40, host, runtime },
});

/** A kernel of a few files, which a test may change. */
function kernelOf(files: Record<string, string>): Kernel {
  return {
    read: (path) => files[path] ?? '',
    list: (path) =>
      Object.keys(files)
        .filter((name) => name.startsWith(`${path}/`))
        .map((name) => name.slice(path.length + 1).split('/')[0] ?? ''),
  };
}

const valuesOf = (cores: CoreTime): Record<string, number> =>
  Object.fromEntries(cores.rows().map(({ name, value }) => [name, value]));

test('of Node only the main thread counts, of Python all; a thread that ended keeps its share', () => {
  const files: Record<string, string> = {
    '/proc/40/task/40/schedstat': '5000000 1000000 3\n',
    '/proc/40/task/41/schedstat': '2000000 9000000 3\n',
  };
  const node = new CoreTime(kernelOf(files), 'here');
  const python = new CoreTime(kernelOf(files), 'here');
  node.look([traced('node')]);
  python.look([traced('python')]);
  assert.deepEqual([...node.rows(), ...python.rows()], []);

  files['/proc/40/task/40/schedstat'] = '6000000 1500000 4\n';
  files['/proc/40/task/41/schedstat'] = '4000000 9000000 4\n';
  node.look([traced('node')]);
  python.look([traced('python')]);
  assert.deepEqual(valuesOf(node), { 'cores.ranUs': 1000, 'cores.waitedUs': 500 });
  assert.deepEqual(valuesOf(python), { 'cores.ranUs': 3000, 'cores.waitedUs': 500 });

  delete files['/proc/40/task/41/schedstat'];
  python.look([traced('python')]);
  files['/proc/40/task/41/schedstat'] = '1000000 100000 1\n';
  python.look([traced('python')]);
  assert.deepEqual(valuesOf(python), { 'cores.ranUs': 4000, 'cores.waitedUs': 600 });
});

test('the totals of a process that is gone are told once more', () => {
  const files = { '/proc/40/task/40/schedstat': '0 0 1' };
  const cores = new CoreTime(kernelOf(files), 'here');
  cores.look([traced('node')]);
  files['/proc/40/task/40/schedstat'] = '9000 0 1';
  cores.look([traced('node')]);
  cores.look([]);
  assert.deepEqual(valuesOf(cores), { 'cores.ranUs': 9 });
  assert.deepEqual(valuesOf(cores), {});
});

test('what the CPU limit took before the process was seen does not count, in both versions of control groups', () => {
  for (const [groups, file, unit] of [
    ['0::/kubepods/pod1', '/sys/fs/cgroup/kubepods/pod1/cpu.stat', 'usage_usec 1\nthrottled_usec'],
    [
      '4:cpuacct,cpu:/docker/a\n1:name=systemd:/',
      '/sys/fs/cgroup/cpu/docker/a/cpu.stat',
      'nr_throttled 1\nthrottled_time',
    ],
  ] as const) {
    const files: Record<string, string> = { '/proc/40/cgroup': groups, [file]: `${unit} 9000000\n` };
    const cores = new CoreTime(kernelOf(files), 'here');
    cores.look([traced('node')]);
    assert.deepEqual(valuesOf(cores), {});
    files[file] = `${unit} 12000000\n`;
    cores.look([traced('node')]);
    const perUnit = unit.endsWith('usec') ? 1 : 1000;
    assert.deepEqual(valuesOf(cores), { 'cores.throttledUs': 3_000_000 / perUnit });
  }
});

test('a process of another host, or one that is gone, says nothing', () => {
  const cores = new CoreTime(kernelOf({ '/proc/40/task/40/schedstat': '5 5 1' }), 'elsewhere');
  cores.look([traced('node')]);
  assert.deepEqual(cores.rows(), []);
  const gone = new CoreTime(kernelOf({}), 'here');
  gone.look([traced('python')]);
  assert.deepEqual(gone.rows(), []);
});

test('the kernel tells of this process', { skip: process.platform !== 'linux' }, () => {
  const cores = new CoreTime();
  const self: Traced = { id: 1, info: { pid: process.pid, host: hostname(), runtime: 'node' } };
  cores.look([self]);
  const before = valuesOf(cores)['cores.ranUs'] ?? 0;
  const until = performance.now() + 20;
  while (performance.now() < until);
  cores.look([self]);
  assert.ok((valuesOf(cores)['cores.ranUs'] ?? 0) > before, JSON.stringify(valuesOf(cores)));
});
