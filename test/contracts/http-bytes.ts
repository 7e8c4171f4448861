// Builders of HTTP/1.1 bytes for tests: a test reads like the exchange it makes.

const encoder = new TextEncoder();

export function ascii(text: string): Uint8Array {
  return encoder.encode(text);
}

/** A head: first line and headers, each `Name: value`. */
export function head(line: string, ...headers: readonly string[]): Uint8Array {
  return ascii(`${[line, ...headers].join('\r\n')}\r\n\r\n`);
}

/** A request head with a Host. */
export function request(line: string, ...headers: readonly string[]): Uint8Array {
  return head(`${line} HTTP/1.1`, 'Host: api.example', ...headers);
}

/** A response head, `status` with its reason. */
export function response(status: string, ...headers: readonly string[]): Uint8Array {
  return head(`HTTP/1.1 ${status}`, ...headers);
}

/** A response with a body of that length. */
export function answer(status: string, body: string): Uint8Array {
  return ascii(`HTTP/1.1 ${status}\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
}

/** One chunk of a chunked body; without text the last one. */
export function chunk(text = '', ...trailers: readonly string[]): Uint8Array {
  const end = text === '' ? `${trailers.map((trailer) => `${trailer}\r\n`).join('')}\r\n` : `${text}\r\n`;
  return ascii(`${text.length.toString(16)}\r\n${end}`);
}

/** Text that is not like a head. */
export function filler(length: number): string {
  return 'lorem ipsum dolor sit amet '.repeat(Math.ceil(length / 27)).slice(0, length);
}
