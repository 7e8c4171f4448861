// Next with both of its routers, and as a server of its own. Found by Next in the folder of the copy (test/agent/next.test.ts).
const { join } = require('node:path');

const root = join(__dirname, '../..');
const isOld = require('next/package.json').version.startsWith('14.');
module.exports = isOld
  ? { output: 'standalone', experimental: { outputFileTracingRoot: root } }
  : { output: 'standalone', outputFileTracingRoot: root, turbopack: { root } };
