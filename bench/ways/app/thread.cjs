// The application in a worker thread.
'use strict';
const { Worker } = require('node:worker_threads');

new Worker(`${__dirname}/app.cjs`).on('exit', (code) => process.exit(code));
