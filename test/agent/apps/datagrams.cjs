// A server whose requests ask a DNS server in datagrams of their own and through Node's resolver, send a metric, and talk to an echo.
// In: ports of the DNS server, of a sink, of an echo. Prints its port, and the port of a datagram server of its own. `/NAME` does it all.

const [, , dnsPort, sinkPort, echoPort] = process.argv.map((text, index) =>
  index < 2 ? text : Number(text),
);
const dgram = require('node:dgram');
const { Resolver } = require('node:dns').promises;
const { createServer } = require('node:http');

const resolver = new Resolver();
resolver.setServers([`127.0.0.1:${dnsPort}`]);
const asking = dgram.createSocket('udp4');
const metrics = dgram.createSocket('udp4');
const echo = dgram.createSocket('udp4');
const waiting = new Map();
let lastNumber = 0;

asking.on('message', (answer) => waiting.get(answer.readUInt16BE(0))());
echo.on('message', (answer) => waiting.get(answer.toString())());
echo.connect(echoPort, '127.0.0.1');

/** RFC 1035 §4.1: a question for an address. */
function question(number, name) {
  const label = Buffer.from(name);
  const header = Buffer.from([number >> 8, number & 255, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
  return Buffer.concat([header, Buffer.from([label.length]), label, Buffer.from([0, 0, 1, 0, 1])]);
}

async function work(name) {
  const number = ++lastNumber;
  await new Promise((resolve) => {
    waiting.set(number, resolve);
    asking.send(question(number, name), dnsPort, 'localhost');
  });
  const text = Buffer.from(`--${name}--`);
  metrics.send(`${name}:1|c`, sinkPort, '127.0.0.1');
  await new Promise((resolve) => {
    waiting.set(name, resolve);
    echo.send(text, 2, name.length);
  });
  const [address] = await resolver.resolve4(`${name}.example`);
  await resolver.resolve4('nowhere.example').catch(() => undefined);
  return address;
}

const own = dgram.createSocket('udp4', (message, { port, address }) => own.send(message, port, address));
own.bind(0, '127.0.0.1', () => {
  createServer((request, response) =>
    work(request.url.slice(1)).then((address) => response.end(address)),
  ).listen(0, '127.0.0.1', function () {
    console.log(`${this.address().port} ${own.address().port}`);
  });
});
process.on('SIGTERM', () => {
  for (const socket of [asking, metrics, echo, own]) socket.close();
  setImmediate(() => process.exit(0));
});
