// What a client's socket sends, as `write` records. In: chunks as the stream layer hands them over, the contexts that wait for them.
// Out: one record for a chunk, or for all chunks of a `_writev`. Not here: patches (net.ts), whose contexts they are (connection-state.ts).

import { WriteFlag } from '../../record/layout.ts';
import { CONTEXT_LIMIT, type RecordWriter } from '../../record/writer.ts';
import { idleNs, now } from '../clock.ts';
import type { ConnectionState } from '../connections/connection-state.ts';
import { Context, type WriteContext } from '../requests/context.ts';

/** A chunk as the stream layer hands it over: `_writev` gets a list of these. */
export interface BufferedChunk {
  readonly chunk: Buffer | string;
  readonly encoding: BufferEncoding;
}

/** Text that is said to be a buffer: streams let it pass, and the socket throws. */
const NO_TEXT: string = 'buffer';

export function recordOne(
  writer: RecordWriter,
  state: ConnectionState,
  context: WriteContext,
  data: Buffer | string,
  encoding: BufferEncoding,
): void {
  const isOne = context instanceof Context;
  const count = isOne ? 1 : Math.min(context.length, CONTEXT_LIMIT);
  const flags = isOne ? 0 : WriteFlag.orderedContexts;
  if (!writer.beginWrite(now(), idleNs(), flags, state.id, count, data.length)) return;
  if (isOne) writer.writeContext(0, context.request, context.call);
  else for (let index = 0; index < count; index++) writeOrdered(writer, context[index]);
  writeChunk(writer, data, encoding);
  writer.endWrite();
}

function writeOrdered(writer: RecordWriter, context: Context | undefined): void {
  writer.writeContext(0, context?.request ?? 0, context?.call ?? 0);
}

/** All chunks of one `_writev` are one record (pg writes five chunks a query), unless one of them is ordered: orders cannot be joined. */
export function recordMany(
  writer: RecordWriter,
  state: ConnectionState,
  chunks: readonly BufferedChunk[],
): void {
  const shared = state.shiftShared(chunks.length);
  if (shared !== undefined) return recordShared(writer, state, chunks, shared);
  const count = chunks.length > CONTEXT_LIMIT ? 0 : state.contextChanges(chunks.length);
  if (count > 0) recordJoined(writer, state, chunks, count);
  else
    for (const { chunk, encoding } of chunks) recordOne(writer, state, state.shiftContext(), chunk, encoding);
}

/** All of one operation, as nearly always. */
function recordShared(
  writer: RecordWriter,
  state: ConnectionState,
  chunks: readonly BufferedChunk[],
  context: Context,
): void {
  if (!writer.beginWrite(now(), idleNs(), 0, state.id, 1, 0)) {
    for (const chunk of chunks) writer.droppedBytes += chunkSize(chunk);
    return;
  }
  writer.writeContext(0, context.request, context.call);
  for (const { chunk, encoding } of chunks) writeChunk(writer, chunk, encoding);
  writer.endWrite();
}

/** `count`: how many contexts, neighbours that are the same taken as one. */
function recordJoined(
  writer: RecordWriter,
  state: ConnectionState,
  chunks: readonly BufferedChunk[],
  count: number,
): void {
  const isRecorded = writer.beginWrite(now(), idleNs(), 0, state.id, count, 0);
  let offset = 0;
  let previous: WriteContext | undefined;
  for (const buffered of chunks) {
    const context = state.shiftContext();
    if (isRecorded && context !== previous && context instanceof Context)
      writer.writeContext(offset, context.request, context.call);
    if (count > 1 || !isRecorded) offset += chunkSize(buffered);
    previous = context;
  }
  if (!isRecorded) {
    writer.droppedBytes += offset;
    return;
  }
  for (const { chunk, encoding } of chunks) writeChunk(writer, chunk, encoding);
  writer.endWrite();
}

function chunkSize({ chunk, encoding }: BufferedChunk): number {
  return typeof chunk === 'string' ? Buffer.byteLength(chunk, encoding) : chunk.length;
}

function writeChunk(writer: RecordWriter, chunk: Buffer | string, encoding: BufferEncoding): void {
  if (typeof chunk === 'string') writer.writeText(chunk, encoding === NO_TEXT ? 'utf8' : encoding);
  else writer.writeBytes(chunk);
}
