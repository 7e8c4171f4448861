// What a client can ask of MySQL and MariaDB: names, sizes and kinds of answer, as a table.
// Spec: https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_command_phase.html

import { Command, FULL_PACKET } from './packet.ts';

/** What the server sends back. `none`: nothing · `opaque`: replication, which is not decoded. */
export type AnswerKind =
  | 'login'
  | 'ok'
  | 'text'
  | 'result'
  | 'rows'
  | 'columns'
  | 'prepared'
  | 'none'
  | 'opaque';

export interface CommandKind {
  readonly name: string;
  readonly answer: AnswerKind;
  /** Of the content, the command byte included. */
  readonly minBytes: number;
  readonly maxBytes: number;
}

function kind(name: string, answer: AnswerKind, minBytes: number, maxBytes = minBytes): CommandKind {
  return { name, answer, minBytes, maxBytes };
}

/** Identifiers have at most 64 characters of 4 bytes; some commands hold several. */
const NAMES_BYTES = 1024;

const COMMANDS = new Map<number, CommandKind>([
  [Command.Quit, kind('QUIT', 'none', 1)],
  [Command.InitDb, kind('USE', 'ok', 1, NAMES_BYTES)],
  [Command.Query, kind('QUERY', 'result', 1, FULL_PACKET)],
  [Command.FieldList, kind('FIELD LIST', 'columns', 2, NAMES_BYTES)],
  [Command.CreateDb, kind('CREATE DATABASE', 'ok', 2, NAMES_BYTES)],
  [Command.DropDb, kind('DROP DATABASE', 'ok', 2, NAMES_BYTES)],
  [Command.Refresh, kind('REFRESH', 'ok', 2)],
  [Command.Shutdown, kind('SHUTDOWN', 'ok', 1, 2)],
  [Command.Statistics, kind('STATISTICS', 'text', 1)],
  [Command.ProcessInfo, kind('PROCESS LIST', 'result', 1)],
  [Command.ProcessKill, kind('KILL', 'ok', 5)],
  [Command.Debug, kind('DEBUG', 'ok', 1)],
  [Command.Ping, kind('PING', 'ok', 1)],
  [Command.ChangeUser, kind('CHANGE USER', 'login', 4, 64 * 1024)],
  [Command.BinlogDump, kind('BINLOG DUMP', 'opaque', 11, NAMES_BYTES)],
  [Command.TableDump, kind('TABLE DUMP', 'opaque', 3, NAMES_BYTES)],
  [Command.RegisterReplica, kind('REGISTER REPLICA', 'ok', 18, NAMES_BYTES)],
  [Command.Prepare, kind('PREPARE', 'prepared', 1, FULL_PACKET)],
  [Command.Execute, kind('EXECUTE', 'result', 10, FULL_PACKET)],
  [Command.SendLongData, kind('SEND LONG DATA', 'none', 7, FULL_PACKET)],
  [Command.Close, kind('CLOSE', 'none', 5)],
  [Command.Reset, kind('RESET STATEMENT', 'ok', 5)],
  [Command.SetOption, kind('SET OPTION', 'ok', 3)],
  [Command.Fetch, kind('FETCH', 'rows', 9)],
  [Command.BinlogDumpGtid, kind('BINLOG DUMP', 'opaque', 11, FULL_PACKET)],
  [Command.ResetConnection, kind('RESET CONNECTION', 'ok', 1)],
  [Command.BulkExecute, kind('EXECUTE', 'result', 7, FULL_PACKET)],
]);

/** The command that a packet of that size with that first byte is; undefined when there is none. */
export function commandOf(first: number, size: number): CommandKind | undefined {
  const found = COMMANDS.get(first);
  return found !== undefined && size >= found.minBytes && size <= found.maxBytes ? found : undefined;
}
