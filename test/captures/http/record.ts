// Records HTTP/1.1: node:http, undici and curl against Node's server, and curl against nginx.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, createServer, request } from 'node:http';
import type { IncomingMessage, RequestOptions, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'undici';
import { record, versioned } from '../proxy.ts';
import { freePort } from '../servers.ts';

const folder = import.meta.dirname;

/** Answers by the first word of the path. */
function answer(incoming: IncomingMessage, outgoing: ServerResponse): void {
  const [, word] = (incoming.url ?? '').split(/[/?]/);
  incoming.resume();
  if (word === 'early') {
    outgoing.writeHead(413, { 'content-type': 'text/plain' }).end('too long');
    return;
  }
  incoming.on('end', () => {
    if (word === 'long') outgoing.end('x'.repeat(60_000));
    else if (word === 'stream') stream(outgoing);
    else if (word === 'cookies') outgoing.setHeader('set-cookie', 'c'.repeat(900)).end('y'.repeat(2000));
    else if (word === 'empty') outgoing.writeHead(204).end();
    else if (word === 'missing') outgoing.writeHead(404).end('nothing here');
    else if (word === 'broken') outgoing.writeHead(500).end();
    else if (word === 'hints') outgoing.writeEarlyHints({ link: '</a.css>; rel=preload' }, () => outgoing.end('ok'));
    else if (word === 'close') outgoing.setHeader('connection', 'close').end('bye');
    else outgoing.end(JSON.stringify({ id: word }));
  });
}

function stream(outgoing: ServerResponse): void {
  outgoing.setHeader('trailer', 'checksum');
  for (let index = 0; index < 20; index++) outgoing.write(`${index} `.repeat(250));
  outgoing.addTrailers({ checksum: '1' });
  outgoing.end();
}

async function ask(port: number, options: RequestOptions, body?: string | readonly string[]): Promise<void> {
  const outgoing = request({ host: '127.0.0.1', port, ...options });
  if (options.headers !== undefined && 'expect' in options.headers) await once(outgoing, 'continue');
  for (const piece of typeof body === 'object' ? body : []) outgoing.write(piece);
  outgoing.end(typeof body === 'string' ? body : undefined);
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  incoming.resume();
  await once(incoming, 'end');
}

async function withNode(port: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (const path of ['/users/42?token=secret', '/long/1', '/stream/2', '/cookies', '/empty', '/missing/x', '/broken', '/hints'])
    await ask(port, { agent, path });
  await ask(port, { agent, path: '/long/9', method: 'HEAD' });
  const json = { 'content-type': 'application/json' };
  await ask(port, { agent, path: '/orders', method: 'POST', headers: json }, ['{"name":"a secret"', ',"n":1}']);
  await ask(port, { agent, path: '/orders/7', method: 'PUT', headers: json }, 'z'.repeat(40_000));
  await ask(port, { agent, path: '/upload', method: 'POST', headers: { expect: '100-continue', 'content-length': 5 } }, 'hello');
  await ask(port, { agent, path: '/close' });
  await ask(port, { agent, path: '/again' });
  agent.destroy();
}

async function withUndici(port: number): Promise<void> {
  const pool = new Pool(`http://127.0.0.1:${port}`, { connections: 1, pipelining: 4 });
  const get = async (path: string): Promise<void> => {
    const { body } = await pool.request({ path, method: 'GET' });
    await body.dump({ limit: 1_000_000 });
  };
  await get('/products/550e8400-e29b-41d4-a716-446655440000');
  await Promise.all(['/a/1', '/stream/2', '/long/3', '/empty/4', '/missing/5'].map(get));
  const { body } = await pool.request({ path: '/orders', method: 'POST', body: 'a secret' });
  await body.dump();
  await pool.close();
}

/** Upgrades to an echo. */
async function upgrade(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.write('GET /socket/3 HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  await once(socket, 'data');
  socket.write(Buffer.from([0x81, 0x85, 1, 2, 3, 4, 105, 103, 111, 104, 110]));
  await once(socket, 'data');
  socket.destroy();
}

async function curl(port: number, ...args: readonly string[]): Promise<void> {
  const addresses = args.map((arg) => (arg.startsWith('/') ? `http://127.0.0.1:${port}${arg}` : arg));
  const child = spawn('curl', ['-s', '-o', '/dev/null', ...addresses], { stdio: 'ignore' });
  await once(child, 'exit');
}

async function withCurl(port: number): Promise<void> {
  await curl(port, '/files/report.pdf?key=secret', '--next', '-s', '/stream/1', '--next', '-s', '-I', '/long/2');
  await curl(port, '-d', 'a=secret', '/orders', '--next', '-s', '-T', join(folder, 'record.ts'), '/files/record.ts');
  await curl(port, '-H', 'Expect: 100-continue', '-d', 'x'.repeat(2000), '/upload/1');
  await curl(port, '-H', 'Transfer-Encoding: chunked', '-d', 'y'.repeat(200), '/orders/9', '--next', '-s', '/early/1');
  await curl(port, '-0', '/old/1');
}

async function withNginx(port: number): Promise<void> {
  await curl(port, '/index.html', '--next', '-s', '/big.txt', '--next', '-s', '--compressed', '/big.txt', '--next', '-s', '/none');
  await curl(port, '-I', '/big.txt', '--next', '-s', '-r', '0-99', '/big.txt', '--next', '-s', '-X', 'DELETE', '/index.html');
}

async function nginx(run: (port: number, version: string) => Promise<void>): Promise<void> {
  const place = mkdtempSync(join(tmpdir(), 'wiretime-nginx-'));
  const port = await freePort();
  mkdirSync(join(place, 'html'));
  writeFileSync(join(place, 'html', 'index.html'), '<p>hello</p>');
  writeFileSync(join(place, 'html', 'big.txt'), 'a line of text\n'.repeat(5000));
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${place}/${name};`).join('');
  writeFileSync(
    join(place, 'nginx.conf'),
    `daemon off; master_process off; pid ${place}/pid; error_log ${place}/log; events {} http { ${paths} access_log off;
     gzip on; gzip_types text/plain; server { listen 127.0.0.1:${port}; root ${place}/html; } }`,
  );
  const child = spawn('nginx', ['-c', join(place, 'nginx.conf'), '-e', join(place, 'log')], { stdio: 'ignore' });
  const deadline = Date.now() + 10_000;
  while (!(await isUp(port)) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
  await run(port, execFileSync('sh', ['-c', 'nginx -v 2>&1'], { encoding: 'utf8' }).trim());
  child.kill('SIGTERM');
  await once(child, 'exit');
  rmSync(place, { recursive: true });
}

function isUp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(false)).once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}

export async function recordHttp(): Promise<void> {
  const node = createServer(answer);
  node.on('upgrade', (_, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
    socket.on('data', (bytes: Buffer) => socket.write(bytes)).on('end', () => socket.destroy());
  });
  await new Promise<void>((resolve) => node.listen(0, '127.0.0.1', resolve));
  const { port } = node.address() as AddressInfo;
  const curlVersion = execFileSync('curl', ['--version'], { encoding: 'utf8' }).split(' (')[0] ?? '';
  const server = `node:http, Node ${process.version}`;
  const save = (file: string, client: string, run: (at: number) => Promise<void>): Promise<void> =>
    record(join(folder, `${file}.json`), port, { server, client, command: run.name }, run);
  await save('node-http', server, withNode);
  await save('undici', versioned('undici'), withUndici);
  await save('upgrade', 'node:net', upgrade);
  await save('curl-node', curlVersion, withCurl);
  node.closeAllConnections();
  await new Promise((resolve) => node.close(resolve));
  await nginx((at, version) =>
    record(join(folder, 'curl-nginx.json'), at, { server: version, client: curlVersion, command: withNginx.name }, withNginx),
  );
}
