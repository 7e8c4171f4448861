// A network between the services and what they talk to, on one machine. On loopback an answer takes 0.05 ms, in a data
// centre about a millisecond, over the internet tens: this hands on each byte after a delay.
// In: routes "name,host,port,delayMs" as arguments. Out: one line "network listening on name=port …".

import net from 'node:net';

/**
 * Hands on what arrives, unchanged and in order, `delayMs` later. Only answers are delayed: one delay is one round trip,
 * and timers cannot do less than 1 ms.
 */
function delayed(from, to, delayMs) {
  from.on('data', (chunk) => setTimeout(() => to.writable && to.write(chunk), delayMs));
  from.on('end', () => setTimeout(() => to.end(), delayMs));
}

function connect(client, { host, port, delayMs }) {
  const server = net.connect(port, host);
  client.setNoDelay(true);
  server.setNoDelay(true);
  client.on('data', (chunk) => server.write(chunk));
  client.on('end', () => server.end());
  delayed(server, client, delayMs);
  for (const [socket, other] of [
    [client, server],
    [server, client],
  ]) {
    socket.on('error', () => other.destroy());
    socket.on('close', () => setTimeout(() => other.destroy(), delayMs + 50));
  }
}

function open(route) {
  const [name, host, port, delayMs] = route.split(',');
  const target = { host, port: Number(port), delayMs: Number(delayMs) };
  const server = net.createServer({ allowHalfOpen: true }, (client) => connect(client, target));
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(`${name}=${server.address().port}`));
  });
}

const ports = await Promise.all(process.argv.slice(2).map(open));
console.log(`network listening on ${ports.join(' ')}`);
