// Uses nothing but bare sockets; prints the public modules of Node that are loaded then.
const net = require('node:net');

const server = net
  .createServer((socket) => socket.end('x'))
  .listen(0, '127.0.0.1', () => {
    net
      .connect(server.address().port, '127.0.0.1')
      .resume()
      .on('close', () => {
        server.close();
        // By then the agent has said hello.
        setTimeout(report, 100);
      });
  });

function report() {
  const names = process.moduleLoadList.map((name) => /^NativeModule (?!internal\/)(.*)$/.exec(name)?.[1]);
  console.log(JSON.stringify(names.filter((name) => name !== undefined)));
}
