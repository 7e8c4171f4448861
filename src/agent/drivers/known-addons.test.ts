// Native drivers that nobody sees are told by the file of their addon, wherever they are installed. In: files as packages have them. Out: names.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { notVisibleNames } from '../sending/coverage.ts';
import { noteAddon } from './known-addons.ts';

const MODULES = '/srv/shop/node_modules';
const NAMES: Readonly<Record<string, string>> = {
  [`${MODULES}/.prisma/client/libquery_engine-debian-openssl-3.0.x.so.node`]: 'Prisma query engine',
  '/srv/shop/dist/query_engine-windows.dll.node': 'Prisma query engine',
  [`${MODULES}/@confluentinc/kafka-javascript/build/Release/confluent-kafka-javascript.node`]:
    '@confluentinc/kafka-javascript',
  [`${MODULES}/oracledb/build/Release/oracledb-6.9.0-linux-x64.node`]: 'oracledb (thick)',
  [`${MODULES}/@duckdb/node-bindings-linux-x64/duckdb.node`]: 'DuckDB',
  [`${MODULES}/odbc/lib/bindings/napi-v8/odbc.node`]: 'odbc',
  [`${MODULES}/msnodesqlv8/build/Release/sqlserver.node`]: 'msnodesqlv8',
  [`${MODULES}/ibm_db/build/Release/odbc_bindings.node`]: 'ibm_db',
  [`${MODULES}/@couchbase/couchbase-linux-x64-openssl1/couchbase-v4.4.5-napi-v6-linux-x64-openssl1.node`]:
    'couchbase',
  [`${MODULES}/aerospike/lib/binding/node-v115-linux-x64/aerospike.node`]: 'aerospike',
  [`${MODULES}/classic-level/prebuilds/linux-x64/classic-level.glibc.node`]: 'LevelDB, RocksDB or LMDB',
  [`${MODULES}/zeromq/build/linux/x64/node/glibc-127-Release/addon.node`]: 'zeromq',
};

for (const [file, name] of Object.entries(NAMES))
  test(`${name}: ${file.slice(file.lastIndexOf('/') + 1)}`, () => {
    noteAddon({ exports: {} }, file);
    assert.ok(notVisibleNames().includes(name));
  });

test('what is seen, or asks nobody, is not named', () => {
  const before = notVisibleNames();
  for (const file of [
    'bcrypt/lib/bcrypt.node',
    'libpq/build/Release/addon.node',
    'node-rdkafka/build/Release/node-librdkafka.node',
  ])
    noteAddon({ exports: {} }, `${MODULES}/${file}`);
  assert.deepEqual(notVisibleNames(), before);
});
