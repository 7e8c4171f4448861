// What following a request costs, and nothing else: an AsyncLocalStorage entered for each. In: requests. Out: nothing.
const { AsyncLocalStorage } = require('node:async_hooks');
const net = require('node:net');
const requests = new AsyncLocalStorage();
const { emit } = net.Server.prototype;
let last = 0;

net.Server.prototype.emit = function (name, ...args) {
  if (name !== 'request') return emit.call(this, name, ...args);
  return requests.run(++last, () => emit.call(this, name, ...args));
};
