// Operations of drivers that bypass sockets. In: what the agent noted around the driver's own calls. Out: operations without phases
// of the wire: all their time is waiting. Statements lose their values here. Not here: which request caused it.

import { BoundedMap } from '../base/bounded.ts';
import { NO_HASH, saltedHash } from '../base/salted-hash.ts';
import { Operation } from '../model/operation.ts';
import { factsOf, protocolNamed, type ProtocolName } from '../model/protocol.ts';
import { normalizeSql } from '../protocol/sql.ts';
import type { DriverFacts } from '../record/record-handler.ts';
import { categoryOf, dependencyName } from '../trace/dependency.ts';

/** As many as one process has open at once, and more. */
const CONNECTION_LIMIT = 20_000;
/** Texts are at most 4 KiB: 8 MiB. Drivers that write values into their SQL have no end of them. */
const STATEMENT_LIMIT = 2048;
/** Of the DB-API, and those of psycopg 3 that say how a value is sent. */
const PLACEHOLDER = /%(?:\(\w{1,64}\))?[sbt]/g;
const ERROR_LIMIT = 100;

interface DriverConnection {
  readonly id: number;
  operations: number;
}

/** Of one process. */
export class DriverOperations {
  readonly #connections = new BoundedMap<number, DriverConnection>(CONNECTION_LIMIT);
  readonly #statements = new BoundedMap<string, string>(STATEMENT_LIMIT);

  /** `nextConnection` is asked for the id of a connection that was not seen before. */
  operation(facts: DriverFacts, nextConnection: () => number): Operation {
    const operation = new Operation();
    operation.protocol = protocolNamed(facts.protocol);
    operation.role = facts.isSetUp ? 'setup' : 'work';
    operation.category = facts.isSetUp ? 'conn' : categoryOf(operation.protocol, true);
    operation.statement = this.#statement(facts, operation.protocol);
    operation.dependency = dependencyName(operation.protocol, facts.database, facts.address);
    operation.rows = facts.rows;
    operation.call = facts.call;
    operation.outcome = facts.isError ? 'error' : 'ok';
    operation.errorType = facts.error.slice(0, ERROR_LIMIT);
    operation.argumentHash = argumentHashOf(facts);
    setTimes(operation, facts);
    this.#number(operation, facts, nextConnection);
    return operation;
  }

  /** What is not SQL has no values: agents see to that. */
  #statement(facts: DriverFacts, protocol: ProtocolName): string {
    if (factsOf(protocol).category !== 'db') return facts.statement;
    const key = `${protocol} ${facts.isFormat} ${facts.isCut} ${facts.statement}`;
    const known = this.#statements.get(key);
    if (known !== undefined) return known;
    const text = facts.isFormat ? facts.statement.replace(PLACEHOLDER, '?') : facts.statement;
    const statement = normalizeSql(text, protocol === 'mysql' ? 'mysql' : 'postgres', facts.isCut);
    this.#statements.set(key, statement);
    return statement;
  }

  #number(operation: Operation, facts: DriverFacts, nextConnection: () => number): void {
    if (facts.connection === 0) return;
    let connection = this.#connections.get(facts.connection);
    if (connection === undefined) {
      connection = { id: nextConnection(), operations: 0 };
      this.#connections.set(facts.connection, connection);
    }
    operation.connection = connection.id;
    if (!facts.isSetUp) operation.nthOnConnection = ++connection.operations;
  }
}

const NUMBER_BYTES = 4;
const scratch = new Uint8Array(NUMBER_BYTES);
const utf8 = new TextEncoder();

/** Values apart from the statement have a hash of the agent's, which is salted here; all others are in the statement. */
function argumentHashOf({ isCut, isFormat, isSetUp, statement, valueHash }: DriverFacts): number {
  if (isSetUp || isCut) return NO_HASH;
  if (!isFormat) {
    const bytes = utf8.encode(statement);
    return saltedHash(bytes, 0, bytes.length);
  }
  if (valueHash === 0) return NO_HASH;
  for (let index = 0; index < NUMBER_BYTES; index++) scratch[index] = (valueHash >>> (8 * index)) & 0xff;
  return saltedHash(scratch, 0, NUMBER_BYTES);
}

/** Nothing is known between its start and its end. */
function setTimes(operation: Operation, facts: DriverFacts): void {
  operation.sent = facts.start;
  operation.written = facts.start;
  operation.end = facts.end;
  if (facts.isSetUp) operation.connectStart = facts.start;
}
