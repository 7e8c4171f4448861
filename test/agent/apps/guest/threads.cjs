// Programs of more than one thread, process or context, and all the ways in which they end. Each answers what it has seen.
const childProcess = require('node:child_process');
const cluster = require('node:cluster');
const { once } = require('node:events');
const http = require('node:http');
const net = require('node:net');
const vm = require('node:vm');
const { Worker } = require('node:worker_threads');
const { describe, get, listening, main, talk } = require('./talk.cjs');

const TALK = require.resolve('./talk.cjs');

/** How a worker that runs this text ends. */
async function workerOf(text, options) {
  const worker = new Worker(`const { talk } = require(${JSON.stringify(TALK)});\n${text}`, {
    eval: true,
    ...options,
  });
  const seen = [];
  worker.on('message', (message) => seen.push(message));
  worker.on('error', (error) => seen.push(describe(error)));
  const code = await new Promise((resolve) => worker.on('exit', resolve));
  return [seen, code];
}

const POST = "require('node:worker_threads').parentPort.postMessage";

const cases = {
  async 'a worker that ends'() {
    return [await workerOf(`talk().then((answer) => ${POST}(answer));`), await talk()];
  },
  async 'a worker that exits'() {
    return workerOf(
      'process.on("exit", (code) => { process.exitCode = code + 1; }); talk().then(() => process.exit(7));',
    );
  },
  async 'a worker that throws'() {
    return workerOf('talk().then(() => setImmediate(() => { throw new TypeError("mine"); }));');
  },
  async 'a worker of little memory and no environment'() {
    const options = { resourceLimits: { maxOldGenerationSizeMb: 32 }, env: {}, execArgv: [], argv: [] };
    return workerOf(`talk().then((answer) => ${POST}(answer));`, options);
  },
  async 'a worker that is terminated'() {
    const worker = new Worker(
      `require(${JSON.stringify(TALK)}).talk().then(() => { ${POST}(1); setInterval(() => 0, 1000); });`,
      {
        eval: true,
      },
    );
    await once(worker, 'message');
    return [await worker.terminate(), await talk()];
  },

  async 'a vm context'() {
    const context = vm.createContext({ require, seen: [], done: undefined });
    const text = `const { EventEmitter } = require('node:events');
      class Mine extends EventEmitter {}
      new Mine().on('x', (value) => seen.push(value)).emit('x', 7);
      done = require('${TALK}').talk();`;
    vm.runInContext(text, context);
    return [await context.done, [...context.seen], vm.runInContext('Error.stackTraceLimit', context)];
  },

  async 'a bare binding'() {
    const { TCP, constants } = process.binding('tcp_wrap');
    const handle = new TCP(constants.SERVER);
    const failed = handle.bind('127.0.0.1', 0);
    const address = {};
    handle.getsockname(address);
    handle.close();
    return [failed, address.family, await talk()];
  },

  async 'a cluster'() {
    if (cluster.isWorker) {
      http.createServer((request, response) => response.end(`worker ${request.url}`)).listen(0, '127.0.0.1');
      return undefined;
    }
    cluster.setupPrimary({ exec: __filename, args: ['a cluster'] });
    const workers = [cluster.fork(), cluster.fork()];
    const addresses = await Promise.all(workers.map((worker) => once(worker, 'listening')));
    const answers = [];
    for (const [{ port }] of addresses) answers.push(await get(port));
    const ends = workers.map((worker) => once(worker, 'exit'));
    cluster.disconnect();
    return [answers, await Promise.all(ends)];
  },

  async 'a socket that is handed over to a child'() {
    if (process.argv[3] === 'child') {
      process.on('message', (message, socket) => {
        socket.end(`child got ${message}`);
        socket.on('close', () => process.disconnect());
      });
      return undefined;
    }
    const child = childProcess.fork(__filename, [process.argv[2], 'child']);
    const server = net.createServer({ pauseOnConnect: true }, (socket) => child.send('it', socket));
    await listening(server);
    let text = '';
    for await (const chunk of net.connect(server.address().port, '127.0.0.1')) text += chunk;
    server.close();
    const [code] = await once(child, 'exit');
    return [text, code];
  },

  async 'children of every kind'() {
    const run = (command, args, options) => {
      const { status, stdout, stderr } = childProcess.spawnSync(command, args, {
        encoding: 'utf8',
        ...options,
      });
      return [status, stdout, stderr];
    };
    await talk();
    const hello = `require(${JSON.stringify(TALK)}).talk().then(console.log)`;
    return [
      run(process.execPath, ['-e', hello]),
      run(process.execPath, ['-p', '1 + 1']),
      run(process.execPath, [
        '--input-type=module',
        '-e',
        `import net from 'node:net'; console.log(typeof net.connect)`,
      ]),
      run(process.execPath, ['--check', __filename]),
      run(process.execPath, ['-'], { input: 'console.log(7)' }),
      run(process.execPath, ['-e', hello], { env: {} }),
      run('/bin/sh', ['-c', `exec ${process.execPath} -p 7`]),
    ];
  },

  async 'an exit inside of an exit'() {
    await talk();
    process.on('exit', () => process.exit(9));
    process.exit(1);
  },

  async 'an exit code that is set at the end'() {
    await talk();
    process.on('beforeExit', () => console.log('beforeExit', process.exitCode));
    process.on('exit', (code) => {
      console.log('exit', code, process.exitCode);
      process.exitCode = 5;
    });
  },

  async 'an exception at the end'() {
    await talk();
    process.on('exit', () => {
      throw new RangeError('at the end');
    });
  },

  async 'work that goes on before the exit'() {
    let times = 0;
    process.on('beforeExit', async () => {
      console.log('beforeExit', ++times);
      if (times < 3) await talk();
    });
    await talk();
  },

  async 'a listener for signals'() {
    await talk();
    const alive = setInterval(() => undefined, 1000);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2'])
      process.once(signal, (name, number) => console.log(name, number, process.listenerCount(name)));
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR2']) {
      const seen = once(process, signal);
      process.kill(process.pid, signal);
      await seen;
    }
    clearInterval(alive);
  },

  async 'signals that nobody listens to'() {
    await talk();
    setInterval(() => undefined, 1000);
    process.kill(process.pid, 'SIGHUP');
  },

  async 'exceptions that are caught'() {
    process.on('uncaughtExceptionMonitor', (error, origin) => console.log('monitor', error.message, origin));
    process.on('uncaughtException', (error, origin) => console.log('caught', error.message, origin));
    process.on('unhandledRejection', (reason) => console.log('rejected', reason.message));
    process.on('rejectionHandled', () => console.log('handled'));
    await talk();
    const late = Promise.reject(new Error('late'));
    setTimeout(() => late.catch(() => undefined), 20);
    setImmediate(() => {
      throw new Error('thrown');
    });
  },

  async 'a warning'() {
    process.on('warning', (warning) => console.log(warning.name, warning.message));
    await talk();
    process.emitWarning('mine', 'MyWarning', 'MY1');
  },

  async 'nothing that keeps it alive'() {
    const server = http.createServer((request, response) => response.end('x'));
    await listening(server);
    await get(server.address().port);
    server.unref();
    return 'over';
  },
};

main(cases);
