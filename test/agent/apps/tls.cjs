// TLS both ways, as a client (argv[2]: 'direct' or 'starttls', argv[3]: port) and as an https server asked by itself ('server').
const fs = require('node:fs');
const https = require('node:https');
const net = require('node:net');
const path = require('node:path');
const tls = require('node:tls');
const pem = fs.readFileSync(path.join(__dirname, 'localhost.pem'));
const [, , how, port] = process.argv;

function talk(socket) {
  socket.write('secret question');
  socket.on('data', (chunk) => {
    console.log(String(chunk));
    socket.end();
  });
}

const programs = {
  direct: () => {
    const socket = tls.connect({ port: Number(port), host: 'localhost', ca: pem }, () => talk(socket));
  },
  starttls: () => {
    const plain = net.connect(Number(port), 'localhost');
    plain.write('STARTTLS');
    plain.once('data', () => {
      const socket = tls.connect({ socket: plain, host: 'localhost', ca: pem }, () => talk(socket));
    });
  },
  server: () => {
    const server = https.createServer({ key: pem, cert: pem }, (request, response) => response.end('hi'));
    server.listen(0, '127.0.0.1', () => {
      const options = { port: server.address().port, host: '127.0.0.1', ca: pem, agent: false, path: '/tls' };
      https.get(options, (response) => {
        response.on('data', (chunk) => console.log(String(chunk)));
        response.on('end', () => server.close());
      });
    });
  },
};
programs[how]();
