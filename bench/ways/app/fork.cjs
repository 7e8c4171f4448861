// The application in a child of child_process.fork.
'use strict';
const { fork } = require('node:child_process');

fork(`${__dirname}/app.cjs`).on('exit', (code) => process.exit(code));
