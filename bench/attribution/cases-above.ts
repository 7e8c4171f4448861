// What is built upon drivers, and clients of HTTP services: query builders, ORMs, SDKs. In: nothing. Out: cases, as in cases.ts.

import { cases, type Case } from './case.ts';

const KNEX = ['select', 'transaction', 'pool of 1'];
const SEQUELIZE = ['query', 'model', 'transaction', 'pool of 1'];
const TYPEORM = ['query', 'repository', 'transaction', 'pool of 1'];
const PRISMA = ['prisma findMany', 'prisma raw', 'prisma pool of 1', 'prisma transaction'];
const MONGOOSE = ['mongoose find', 'mongoose, pool of 2', 'mongoose writes'];
const MARIADB = [
  'mariadb pool.query',
  'mariadb getConnection',
  'mariadb connection with a queue',
  'mariadb connection, pipelining',
  'mariadb errors',
  'mariadb batch',
];
const MARIADB_3 = [...MARIADB, 'mariadb pool.execute', 'mariadb pool of 1', 'mariadb getConnection of 1'];

/** `knex select, pg` … */
function over(tool: string, uses: readonly string[], clients: readonly string[]): readonly string[] {
  return clients.flatMap((client) => uses.map((use) => `${tool} ${use}, ${client}`));
}

const KNEX_3 = ['knex@3.3.0', 'pg@8.23.1', 'mysql2@3.24.6'];
const SEQUELIZE_6 = ['sequelize@6.37.8', 'pg@8.23.1', 'mysql2@3.24.6', 'mariadb@3.0.0'];
const TYPEORM_03 = ['typeorm@0.3.0', 'pg@8.7.1', 'mysql2@2.3.0', 'reflect-metadata'];
const TYPEORM_1 = ['typeorm@1.1.1', 'pg@8.23.1', 'mysql2@3.24.6', 'reflect-metadata'];
const DRIZZLE = ['drizzle-orm@0.45.4', 'pg@8.23.1', 'postgres@3.4.9', 'mysql2@3.24.6'];
const DRIZZLE_030 = ['drizzle-orm@0.30.0', 'pg@8.7.1', 'postgres@3.4.9', 'mysql2@3.0.0'];
const DRIZZLE_CLIENTS = [
  ['pg', 'node-postgres', 'pg'],
  ['mysql2', 'mysql2', 'mysql2'],
  ['postgres.js', 'postgres-js', 'postgres'],
] as const;

function drizzle(name: string, packages: readonly string[]): readonly Case[] {
  return DRIZZLE_CLIENTS.map(([client, entry, driver]) =>
    cases(
      `${name}, ${client}`,
      packages,
      [`drizzle-orm/${entry}`, driver, 'drizzle-orm'],
      ['drizzle', 'drizzle select', 'drizzle transaction'].map((use) => `${use}, ${client}`),
      { losesCallSites: true },
    ),
  );
}

function prisma(version: string, style: 'cjs' | 'esm' = 'cjs'): readonly Case[] {
  const packages = ['prisma', '@prisma/client', '@prisma/adapter-pg'].map((name) => `${name}@${version}`);
  const name = `prisma ${version.split('.')[0]}${style === 'cjs' ? '' : `, ${style}`}`;
  const modules = ['./generated/client.js', '@prisma/adapter-pg'];
  const installed = [...packages, 'pg@8.23.1'];
  return [cases(name, installed, modules, PRISMA, { style })];
}

export const CASES_ABOVE: readonly Case[] = [
  cases('mariadb 2.5', ['mariadb@2.5.6'], ['mariadb'], ['mariadb hidden']),
  cases('mariadb 3.0', ['mariadb@3.0.0'], ['mariadb'], MARIADB_3),
  cases('mariadb 3.5', ['mariadb@3.5.4'], ['mariadb'], MARIADB_3),
  cases('mariadb 3.5, callback', ['mariadb@3.5.4'], ['mariadb/callback'], ['mariadb callbacks']),
  ...(['esm', 'tsx', 'bundle'] as const).map((style) =>
    cases(`mariadb 3.5, ${style}`, ['mariadb@3.5.4'], ['mariadb'], MARIADB.slice(0, 2), { style }),
  ),
  cases(
    'knex 1.0',
    ['knex@1.0.1', 'pg@8.7.1', 'mysql2@2.3.0'],
    ['knex'],
    over('knex', KNEX, ['pg', 'mysql2']),
  ),
  cases('knex 3.3', KNEX_3, ['knex'], over('knex', KNEX, ['pg', 'mysql2'])),
  ...(['esm', 'tsx', 'bundle'] as const).map((style) =>
    cases(`knex 3.3, ${style}`, KNEX_3, ['knex'], over('knex', KNEX, ['pg']), { style }),
  ),
  cases(
    'sequelize 6.3',
    ['sequelize@6.3.0', 'pg@8.7.1', 'mysql2@2.3.0'],
    ['sequelize'],
    over('sequelize', SEQUELIZE, ['pg', 'mysql2']),
  ),
  cases(
    'sequelize 6.37',
    SEQUELIZE_6,
    ['sequelize'],
    [
      ...over('sequelize', SEQUELIZE, ['pg', 'mysql2']),
      // Its connections hide theirs: how long they waited in Sequelize's pool is not known.
      ...over('sequelize', SEQUELIZE.slice(0, 3), ['mariadb']),
    ],
  ),
  ...(['esm', 'tsx'] as const).map((style) =>
    cases(`sequelize 6.37, ${style}`, SEQUELIZE_6, ['sequelize'], over('sequelize', SEQUELIZE, ['pg']), {
      style,
    }),
  ),
  cases('typeorm 0.3.0', TYPEORM_03, ['typeorm'], over('typeorm', TYPEORM, ['pg'])),
  cases('typeorm 0.3.0, mysql2', TYPEORM_03, ['typeorm'], over('typeorm', TYPEORM, ['mysql2']), {
    losesCallSites: true,
  }),
  cases('typeorm 1.1', TYPEORM_1, ['typeorm'], over('typeorm', TYPEORM, ['pg', 'mysql2'])),
  ...(['esm', 'tsx'] as const).map((style) =>
    cases(`typeorm 1.1, ${style}`, TYPEORM_1, ['typeorm'], over('typeorm', TYPEORM, ['pg']), { style }),
  ),
  ...drizzle('drizzle 0.30', DRIZZLE_030),
  ...drizzle('drizzle 0.45', DRIZZLE),
  ...prisma('6.16.3'),
  ...prisma('7.10.0'),
  ...prisma('7.10.0', 'esm'),
  cases('mongoose 6.13', ['mongoose@6.13.8'], ['mongoose'], MONGOOSE, {
    brokers: ['mongo'],
    losesCallSites: true,
  }),
  cases('mongoose 9.12', ['mongoose@9.12.1'], ['mongoose'], MONGOOSE, { brokers: ['mongo'] }),
  cases('axios 0.27', ['axios@0.27.2'], ['axios'], ['axios get', 'axios post']),
  cases('axios 1.21', ['axios@1.21.1'], ['axios'], ['axios get', 'axios post']),
  cases('got 11', ['got@11.8.6'], ['got'], ['got get', 'got post']),
  cases('got 16', ['got@16.1.0'], ['got'], ['got get', 'got post'], {
    style: 'esm',
    sinceNode: 22,
  }),
  cases('ws 8', ['ws@8.23.0'], ['ws'], ['ws send']),
  cases(
    'elasticsearch 7',
    ['@elastic/elasticsearch@7.17.14'],
    ['@elastic/elasticsearch'],
    ['elasticsearch search'],
  ),
  cases(
    'elasticsearch 9',
    ['@elastic/elasticsearch@9.5.1'],
    ['@elastic/elasticsearch'],
    ['elasticsearch search'],
  ),
  cases(
    'aws-sdk 3, s3',
    ['@aws-sdk/client-s3@3', '@aws-sdk/client-dynamodb@3'],
    ['@aws-sdk/client-s3'],
    ['s3 put and get'],
  ),
  cases(
    'aws-sdk 3, dynamodb',
    ['@aws-sdk/client-s3@3', '@aws-sdk/client-dynamodb@3'],
    ['@aws-sdk/client-dynamodb'],
    ['dynamodb getItem'],
  ),
];
