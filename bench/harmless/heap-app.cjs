// A program that asks and is answered, over sockets, argv[2] times; its memory after each tenth, as JSON lines. Connections live for some
// thousand operations, and now and then comes a request over HTTP. Both ends are here, so each operation is two writes and two reads.
const http = require('node:http');
const net = require('node:net');

const OPERATIONS = Number(process.argv[2]);
const STEPS = 10;
const CONNECTIONS = 8;
const PER_CONNECTION = 5000;
const PER_REQUEST = 500;
const ASK = Buffer.from('SELECT 1 FROM things WHERE id = 7\n');
const ANSWER = Buffer.from('1 row of some forty bytes, this is it\n');

let done = 0;
let begun = 0;
let step = 0;
let slowest = new Float64Array(0);
let times = new Float64Array(Math.ceil(OPERATIONS / STEPS) + CONNECTIONS);
let timed = 0;
let since = process.hrtime.bigint();

const server = net.createServer((socket) => {
  socket.on('data', () => socket.write(ANSWER)).on('error', () => undefined);
});
const web = http.createServer((request, response) => response.end('ok'));
const agent = new http.Agent({ keepAlive: true, maxSockets: 2 });

server.listen(0, '127.0.0.1', () => web.listen(0, '127.0.0.1', start));

function start() {
  for (let index = 0; index < CONNECTIONS; index++) connect();
}

function connect() {
  const socket = net.connect(server.address().port, '127.0.0.1');
  let left = PER_CONNECTION;
  let asked = 0;
  const ask = () => {
    if (begun >= OPERATIONS) return socket.end();
    if (left-- === 0) {
      socket.end();
      return connect();
    }
    begun++;
    asked = performance.now();
    socket.write(ASK);
  };
  socket.on('connect', ask);
  socket.on('data', () => {
    times[timed++] = performance.now() - asked;
    if (++done % PER_REQUEST === 0) request();
    if (done >= ((step + 1) * OPERATIONS) / STEPS) report();
    ask();
  });
}

function request() {
  http.get(
    { port: web.address().port, host: '127.0.0.1', agent, path: `/things/${done % 1000}` },
    (response) => response.resume(),
  );
}

function report() {
  step++;
  const seconds = Number(process.hrtime.bigint() - since) / 1e9;
  slowest = times.subarray(0, timed).sort();
  const at = (share) => Math.round((slowest[Math.floor(timed * share)] ?? 0) * 1000);
  const latency = { p50Us: at(0.5), p99Us: at(0.99), p999Us: at(0.999) };
  const perSecond = Math.round(timed / seconds);
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external, arrayBuffers, rss } = process.memoryUsage();
  console.log(JSON.stringify({ step, done, perSecond, ...latency, heapUsed, external, arrayBuffers, rss }));
  times.fill(0);
  timed = 0;
  since = process.hrtime.bigint();
  if (step === STEPS) setTimeout(end, 2500);
}

/** After the agent has told of what it dropped. */
function end() {
  server.close();
  web.close();
  agent.destroy();
}
