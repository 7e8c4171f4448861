// Records the MongoDB driver against FerretDB, which speaks MongoDB's protocol over SQLite (MongoDB itself is in no package registry).
// In: FERRETDB, the program: `go build ./cmd/ferretdb` of github.com/FerretDB/FerretDB v1.24.2.

import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { record, versioned } from '../proxy.ts';
import { startProgram } from '../servers.ts';

const folder = import.meta.dirname;

interface User {
  readonly _id: number;
  readonly email?: string;
  readonly age?: number;
  readonly address?: { readonly city: string };
  readonly note?: string;
  readonly old?: boolean;
}

function userOf(id: number): User {
  return { _id: id, email: `secret-${id}@x.example`, age: id % 90, address: { city: 'secret' }, note: 'n'.repeat(id % 200) };
}

async function withDriver(port: number): Promise<void> {
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/`, { maxPoolSize: 2 });
  await client.connect();
  const shop = client.db('shop');
  await shop.dropDatabase();
  const users = shop.collection<User>('users');
  await users.insertOne(userOf(0));
  await users.insertMany(Array.from({ length: 250 }, (_, index) => userOf(index + 1)));
  await users.insertOne(userOf(0)).catch(() => undefined);
  await users.findOne({ _id: 7 });
  await users.find({ age: { $gt: 10, $lt: 20 }, 'address.city': 'secret' }, { sort: { age: 1 } }).toArray();
  await users.find({ $or: [{ age: 1 }, { age: 2 }, { email: 'secret' }] }).toArray();
  await users.find({ _id: { $in: [1, 2, 3] } }).toArray();
  for await (const user of users.find({}, { batchSize: 40 })) void user;
  await users.updateOne({ _id: 7 }, { $set: { email: 'secret' }, $inc: { age: 1 } });
  await users.replaceOne({ _id: 8 }, { email: 'secret' });
  await users.updateMany({ age: { $gte: 80 } }, { $set: { old: true } });
  await users.findOneAndUpdate({ _id: 9 }, { $set: { email: 'secret' } });
  await users.deleteOne({ _id: 10 });
  await users.countDocuments({ age: { $gt: 3 } });
  await users.estimatedDocumentCount();
  await users.distinct('age', { age: { $lt: 5 } });
  await users.aggregate([{ $match: { age: 5 } }, { $group: { _id: '$age', total: { $sum: 1 } } }]).toArray();
  await users.createIndex({ email: 1 });
  await users.find({ $nosuch: 1 } as object).toArray().catch(() => undefined);
  await shop.command({ nosuchcommand: 'secret' }).catch(() => undefined);
  await shop.command({ ping: 1 });
  await Promise.all([1, 2, 3, 4].map((id) => users.findOne({ _id: id })));
  await users.find({ email: 'e'.repeat(20_000) }).toArray();
  // The last one: FerretDB answers it, though it is told not to, and the driver takes that for the next answer.
  await shop.collection('log').insertOne({ text: 'secret' }, { writeConcern: { w: 0 } });
  await client.close();
}

export async function recordMongodb(): Promise<void> {
  const program = process.env['FERRETDB'] ?? 'ferretdb';
  const server = await startProgram(
    program,
    (port, place) => [
      '--handler=sqlite',
      `--sqlite-url=file:${place}/`,
      `--listen-addr=127.0.0.1:${port}`,
      '--telemetry=disable',
      `--state-dir=${place}`,
      '--debug-addr=-',
    ],
    ['--version'],
  );
  const birth = { server: 'FerretDB v1.24.2 (SQLite)', client: versioned('mongodb'), command: 'withDriver' };
  try {
    await record(join(folder, 'node-driver.json'), server.port, birth, withDriver);
  } finally {
    await server.stop();
  }
}
