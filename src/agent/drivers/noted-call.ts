// A call into a driver that bypasses sockets, as an operation of its own. In: what was asked, when it began, how it went.
// Out: a `driverOperation` record. Not here: which calls.

import { DriverFlag, UNKNOWN_ROWS } from '../../record/layout.ts';
import { newCall } from '../calls/calls.ts';
import { idleNs, now } from '../clock.ts';
import type { Context } from '../requests/context.ts';
import { active, fail } from '../guard.ts';
import type { Method } from '../hook.ts';
import { recorder } from '../recorder.ts';

/** What an operation says of itself beside its times. */
export interface Asked {
  readonly protocol: string;
  /** As the application wrote it: the collector takes the values out. */
  readonly statement: string;
  /** Name of the file, or host and port. */
  readonly address: string;
  /** Of a server that has several; '' otherwise. */
  readonly database: string;
}

/** How many rows a result has; -1: nobody knows. */
export type RowsOf = (result: unknown) => number;

const NO_ERROR = '';

/** Does the call, and records how long it took: for drivers that answer at once. */
export function noteCall(
  original: Method,
  self: unknown,
  args: unknown[],
  asked: Asked,
  rowsOf: RowsOf,
): unknown {
  if (!active || recorder === undefined) return original.apply(self, args);
  const context = newCall(asked.protocol, asked.statement);
  const start = now();
  let isReturned = false;
  let result: unknown;
  try {
    result = original.apply(self, args);
    isReturned = true;
    return result;
  } catch (error) {
    noteOperation(asked, context, start, -1, errorWord(error));
    throw error;
  } finally {
    if (isReturned) noteOperation(asked, context, start, rowsOf(result), NO_ERROR);
  }
}

/** It has ended, now. `error`: the driver's own word for it, '' when it went well. */
export function noteOperation(
  asked: Asked,
  context: Context,
  start: number,
  rows: number,
  error: string,
): void {
  if (!active || recorder === undefined) return;
  try {
    const end = now();
    recorder.driverOperation(
      end,
      idleNs(),
      error === NO_ERROR ? 0 : DriverFlag.failed,
      start,
      end,
      context.request,
      context.call,
      rows < 0 ? UNKNOWN_ROWS : rows,
      asked.protocol,
      asked.statement,
      error,
      asked.address,
      asked.database,
    );
  } catch (caught) {
    fail(caught);
  }
}

const ERROR_LIMIT = 100;

/** A code, such as SQLITE_BUSY: never the message, which may hold values. */
export function errorWord(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'error';
  try {
    const code: unknown = Reflect.get(error, 'code');
    if (typeof code === 'string' && code !== '') return code.slice(0, ERROR_LIMIT);
    const name: unknown = Reflect.get(error, 'name');
    return typeof name === 'string' && name !== '' ? name.slice(0, ERROR_LIMIT) : 'error';
  } catch {
    return 'error';
  }
}
