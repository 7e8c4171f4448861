// Two workers of node:cluster behind one port. When one has ended, all end as it did.
'use strict';
const cluster = require('node:cluster');

if (cluster.isPrimary) {
  for (let index = 0; index < 2; index++) cluster.fork();
  cluster.on('exit', (_worker, code) => process.exit(code));
} else require('./app.cjs');
