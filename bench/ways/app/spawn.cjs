// The application in a child of child_process.spawn.
'use strict';
const { spawn } = require('node:child_process');

const child = spawn(process.execPath, [`${__dirname}/app.cjs`], { stdio: 'inherit' });
child.on('exit', (code) => process.exit(code));
