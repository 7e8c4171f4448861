// Two pools that are never used, and traffic with itself until it is killed, so that it has something to report.
const net = require('node:net');
const mysql = require('mysql2');
const { Pool } = require('pg');

function makePool() {
  return new Pool({ max: 2 });
}
makePool();
mysql.createPool({ connectionLimit: 3 });

const server = net
  .createServer((socket) => socket.pipe(socket))
  .listen(0, '127.0.0.1', () => {
    const socket = net.connect(server.address().port, '127.0.0.1').resume();
    setInterval(() => socket.write('x'), 10);
  });
