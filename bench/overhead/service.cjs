// The service that the measured backend calls: answers at once. In: nothing. Out: its port, to the parent process.
const http = require('node:http');
const answer = JSON.stringify({ amount: 1999, currency: 'EUR' });
const headers = { 'content-type': 'application/json', 'content-length': answer.length };
const server = http.createServer((request, response) => response.writeHead(200, headers).end(answer));
server.keepAliveTimeout = 0;
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('message', () => process.exit());
process.on('disconnect', () => process.exit());
