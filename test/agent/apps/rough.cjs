// What networks and applications do when they are not gentle, by argv[2]. argv[3]: the port of the other side. Prints what the application
// saw, which must be the same with and without the agent.
const { fork } = require('node:child_process');
const { createHash } = require('node:crypto');
const { once } = require('node:events');
const http = require('node:http');
const net = require('node:net');
const { Readable } = require('node:stream');

const [, , what, port] = process.argv;
const MEGABYTE = 1024 * 1024;

const scenes = {
  /** A server's sockets, and a client's, go to a child, which talks on them. */
  async handed() {
    const child = fork(__filename, ['child']);
    const server = net.createServer({ pauseOnConnect: true }, (socket) => child.send('served', socket));
    const listening = once(server, 'listening');
    server.listen(0, '127.0.0.1');
    await listening;
    const asking = net.connect(server.address().port, '127.0.0.1');
    asking.write('question');
    console.log(String(Buffer.concat(await asking.toArray())));
    // Paused: else this process would sometimes read the answer before its side is closed.
    const given = net.connect(Number(port), '127.0.0.1').pause();
    await once(given, 'connect');
    child.send('given', given);
    const [answer] = await once(child, 'message');
    console.log(answer);
    // In this order: the server asks the child about the socket that it has.
    server.close(() => child.disconnect());
  },
  /** Ends its side first, and reads on. */
  async half() {
    const events = [];
    const socket = net.connect({ port: Number(port), host: '127.0.0.1', allowHalfOpen: true });
    for (const name of ['connect', 'end', 'finish', 'close'])
      socket.on(name, (value) => events.push(`${name} ${value}`));
    socket.end('the last word');
    await once(socket, 'finish');
    // In however many pieces the kernel hands it over.
    console.log(String(Buffer.concat(await socket.toArray())), socket.writable, socket.readable);
    await once(socket, 'close').catch(() => undefined);
    console.log(events.join(', '));
  },
  /** Many short connections; what is left of them is nothing. */
  async storm() {
    const one = async () => {
      const socket = net.connect(Number(port), '127.0.0.1');
      socket.end('x');
      await socket.resume().toArray();
    };
    const many = async (count) => {
      for (let done = 0; done < count; done += 50) await Promise.all(Array.from({ length: 50 }, one));
      global.gc();
      return process.memoryUsage().heapUsed;
    };
    const before = await many(1000);
    const after = await many(2000);
    console.log(`grown by less than a megabyte: ${after - before < MEGABYTE}`);
  },
  /** Many visitors, each with a connection of its own, some of whom go before they are answered. */
  async visitors() {
    const server = http.createServer((request, response) =>
      request.resume().on('end', () => response.end('hello')),
    );
    const listening = once(server, 'listening');
    server.listen(0, '127.0.0.1');
    await listening;
    const { port } = server.address();
    const stay = async () => {
      const socket = net.connect(port, '127.0.0.1');
      socket.end('GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n');
      return String(Buffer.concat(await socket.toArray())).endsWith('hello');
    };
    const leave = async () => {
      const socket = net.connect(port, '127.0.0.1');
      socket.write('GET /never HTTP/1.1\r\nHost: he', () => socket.resetAndDestroy());
      await once(socket, 'close');
      return true;
    };
    const many = async (count) => {
      let answered = 0;
      for (let done = 0; done < count; done += 50)
        for (const isWell of await Promise.all(
          Array.from({ length: 50 }, (_, index) => (index % 5 ? stay() : leave())),
        ))
          answered += isWell ? 1 : 0;
      global.gc();
      return { answered, heap: process.memoryUsage().heapUsed };
    };
    const before = await many(1000);
    const after = await many(2000);
    server.close();
    console.log(before.answered, after.answered, after.heap - before.heap < MEGABYTE);
  },
  /** 100 MB up, and down again. */
  async bulk() {
    const sent = createHash('sha256');
    const body = function* () {
      for (let index = 0; index < 100; index++) {
        const chunk = Buffer.alloc(MEGABYTE, `chunk ${index} `);
        sent.update(chunk);
        yield chunk;
      }
    };
    const request = http.request({ port: Number(port), host: '127.0.0.1', method: 'POST' });
    Readable.from(body()).pipe(request);
    const [response] = await once(request, 'response');
    const received = createHash('sha256');
    let bytes = 0;
    for await (const chunk of response) {
      received.update(chunk);
      bytes += chunk.length;
    }
    console.log(bytes, received.digest('hex') === sent.digest('hex'));
    console.error(process.resourceUsage().maxRSS);
  },
  /** The other side of `handed`. */
  child() {
    process.on('message', async (kind, socket) => {
      if (kind === 'served') socket.on('data', (chunk) => socket.end(`answer to ${chunk}`)).resume();
      else {
        socket.write('from the child');
        const [chunk] = await once(socket, 'data');
        process.send(String(chunk), () => socket.destroy());
      }
    });
  },
};

scenes[what]();
