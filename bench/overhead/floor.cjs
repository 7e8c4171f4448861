// What no tracer that sees the bytes can cost less than: every byte is copied out with the request that caused it, and nothing else.
// No hints, no phases, no call sites, no limits, no protection of the application. In: BENCH_FLOOR_SOCKET. Out: batches on that socket.
const { AsyncLocalStorage } = require('node:async_hooks');
const { writeSync } = require('node:fs');
const net = require('node:net');

const SIZE = 96 * 1024;
const FULL = 64 * 1024;
const requests = new AsyncLocalStorage();
const buffer = Buffer.alloc(SIZE);
let at = 0;
let lastRequest = 0;

const { write, _writeGeneric, push } = net.Socket.prototype;
const { emit } = net.Server.prototype;
const sink = net.connect(process.env.BENCH_FLOOR_SOCKET).unref();
setInterval(flush, 50).unref();

function flush() {
  try {
    if (at > 0 && sink._handle) writeSync(sink._handle.fd, buffer, 0, at);
  } catch {
    // The other end does not read fast enough: dropped.
  }
  at = 0;
}

function note(kind, request, chunk, limit) {
  if (at > FULL) flush();
  const time = performance.now();
  const size = Math.min(chunk.length, limit);
  buffer.writeUInt32LE(size, at);
  buffer.writeUInt32LE(kind, at + 4);
  buffer.writeDoubleLE(time, at + 8);
  buffer.writeUInt32LE(request, at + 16);
  at += 24;
  if (typeof chunk === 'string') buffer.latin1Write(chunk, at, size);
  else chunk.copy(buffer, at, 0, size);
  at += size;
}

net.Socket.prototype.write = function (chunk, encoding, callback) {
  if (this !== sink && !this.server) this.benchRequest = requests.getStore();
  return write.call(this, chunk, encoding, callback);
};
net.Socket.prototype._writeGeneric = function (isMany, data, encoding, callback) {
  if (this !== sink && !this.server && !this.connecting) {
    if (isMany) for (const { chunk } of data) note(1, this.benchRequest ?? 0, chunk, 16_384);
    else note(1, this.benchRequest ?? 0, data, 16_384);
  }
  return _writeGeneric.call(this, isMany, data, encoding, callback);
};
net.Socket.prototype.push = function (chunk, encoding) {
  if (chunk !== null && this !== sink && !this.server) note(2, 0, chunk, 576);
  return push.call(this, chunk, encoding);
};
net.Server.prototype.emit = function (name, ...args) {
  if (name !== 'request') return emit.call(this, name, ...args);
  const request = ++lastRequest;
  note(3, request, args[0].url, 4096);
  args[1].on('finish', () => note(4, request, '', 0));
  return requests.run(request, () => emit.call(this, name, ...args));
};
