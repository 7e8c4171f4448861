// Where operations begin in the bytes of one write, for contexts that are given in order. In: bytes of a client. Out: offsets.
// Simple on purpose, and not the product's decoders: this checks the agent, not them.

/** Offsets of the operations that begin in the bytes. */
export function operationStarts(bytes: string): readonly number[] {
  if (bytes.startsWith('*')) return redisStarts(bytes);
  if (bytes.charCodeAt(0) === 1) return amqpStarts(bytes);
  return /^(H?PUB|PING|SUB) /.test(bytes) || bytes.startsWith('PING\r')
    ? natsStarts(bytes)
    : postgresStarts(bytes);
}

/** Frames with a method that is no acknowledgement. */
function amqpStarts(bytes: string): readonly number[] {
  const starts: number[] = [];
  const buffer = Buffer.from(bytes, 'latin1');
  for (let at = 0; at + 11 <= buffer.length; at += 8 + buffer.readUInt32BE(at + 3)) {
    const isAcknowledgement =
      buffer.readUInt16BE(at + 7) === 60 && [80, 90, 120].includes(buffer.readUInt16BE(at + 9));
    if (buffer[at] === 1 && !isAcknowledgement) starts.push(at);
  }
  return starts;
}

/** Messages and pings; a message has its length at the end of its line. */
function natsStarts(bytes: string): readonly number[] {
  const starts: number[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf('\r\n', at);
    if (end < 0) break;
    const line = bytes.slice(at, end);
    if (/^(H?PUB |PING)/.test(line)) starts.push(at);
    at = end + 2 + (/^H?PUB /.test(line) ? Number(line.slice(line.lastIndexOf(' ') + 1)) + 2 : 0);
  }
  return starts;
}

/** `*2\r\n$3\r\nGET\r\n…`: every array is a command. */
function redisStarts(bytes: string): readonly number[] {
  const starts: number[] = [];
  let at = 0;
  while (bytes[at] === '*') {
    starts.push(at);
    const line = bytes.indexOf('\r\n', at);
    let left = Number(bytes.slice(at + 1, line));
    at = line + 2;
    while (left-- > 0 && bytes[at] === '$') {
      const end = bytes.indexOf('\r\n', at);
      at = end + 2 + Number(bytes.slice(at + 1, end)) + 2;
    }
  }
  return starts;
}

/** A simple query, a Parse, or a Bind of what was prepared before. */
function postgresStarts(bytes: string): readonly number[] {
  const starts: number[] = [];
  let isParsed = false;
  for (let at = 0; at + 5 <= bytes.length; at += 1 + lengthAt(bytes, at + 1)) {
    const tag = bytes[at];
    if (tag === 'Q' || tag === 'P' || (tag === 'B' && !isParsed)) starts.push(at);
    if (tag === 'P') isParsed = true;
    if (tag === 'B' || tag === 'Q') isParsed = false;
  }
  return starts;
}

function lengthAt(bytes: string, at: number): number {
  return Math.max(4, Buffer.from(bytes.slice(at, at + 4), 'latin1').readInt32BE(0));
}
