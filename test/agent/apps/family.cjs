// A parent with a child process, a cluster worker and two worker threads, each of which writes its name to the port in argv[2]. One of the
// threads is given nothing, not even arguments: it knows the port from the environment.
const childProcess = require('node:child_process');
const cluster = require('node:cluster');
const net = require('node:net');
const threads = require('node:worker_threads');
const port = Number(process.argv[2] ?? process.env.FAMILY_PORT);

function say(name, then = () => undefined) {
  const socket = net.connect(port, '127.0.0.1', () => socket.end(name));
  socket.resume().on('close', then);
}

if (!threads.isMainThread) say('thread');
else if (cluster.isWorker) say('cluster', () => process.disconnect());
else if (process.argv[3] === 'child') say('child');
else {
  say('parent');
  cluster.fork();
  childProcess.fork(__filename, [String(port), 'child']);
  const worker = new threads.Worker(__filename, { argv: [String(port)] });
  worker.on('error', console.error);
  process.env.FAMILY_PORT = String(port);
  new threads.Worker(__filename).on('error', console.error);
}
