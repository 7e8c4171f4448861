// Native addons, which go past Node's sockets. In: what was loaded (addons.ts). Out: those that are known are hooked, or named as not
// visible. Not here: how each is hooked.

import { noteNotVisible } from '../sending/coverage.ts';
import { hookBetterSqlite } from './better-sqlite3.ts';
import { hookLibsql } from './libsql.ts';
import { noteRdkafka } from './node-rdkafka.ts';
import { hookLibpq } from './pg-native.ts';
import { hookSqlite3 } from './sqlite3.ts';

/** Each answers whether it was the one. */
const HOOKS: readonly ((exports: object) => boolean)[] = [
  hookBetterSqlite,
  hookLibsql,
  hookSqlite3,
  hookLibpq,
];

/** By the addon's file: drivers whose traffic nobody sees. */
const UNSEEN: readonly (readonly [file: RegExp, name: string])[] = [
  [/confluent-kafka-javascript/, '@confluentinc/kafka-javascript'],
  [/query_engine/, 'Prisma query engine'],
  [/[\\/]@duckdb[\\/]|[\\/]duckdb[\\/]|duckdb\.node$/, 'DuckDB'],
  [/[\\/]oracledb[\\/]|oracledb[^\\/]*\.node$/, 'oracledb (thick)'],
  [/[\\/]ibm_db[\\/]/, 'ibm_db'],
  [/[\\/]odbc[\\/]/, 'odbc'],
  [/sqlserver(v8)?\.node$|[\\/]msnodesqlv8[\\/]/, 'msnodesqlv8'],
  [/[\\/]couchbase[\\/]|couchbase[^\\/]*\.node$/, 'couchbase'],
  [/aerospike\.node$/, 'aerospike'],
  [/[\\/](classic-level|leveldown|rocksdb|lmdb)[\\/]/, 'LevelDB, RocksDB or LMDB'],
  [/zeromq|zmq\.node$/, 'zeromq'],
  [/[\\/]grpc_node\.node$/, 'grpc (native)'],
];

const RDKAFKA = /node-librdkafka|[\\/]node-rdkafka[\\/]/;

export function noteAddon(module: unknown, file: unknown): void {
  const exports: unknown =
    typeof module === 'object' && module !== null ? Reflect.get(module, 'exports') : undefined;
  if (typeof exports === 'object' && exports !== null && HOOKS.some((hook) => hook(exports))) return;
  if (RDKAFKA.test(String(file))) return noteRdkafka();
  const unseen = UNSEEN.find(([pattern]) => pattern.test(String(file)));
  if (unseen !== undefined) noteNotVisible(unseen[1]);
}
