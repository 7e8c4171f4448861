// Addresses as text. In: what agents report (foreign input). Out: one form per address, so that two sides can be compared.

const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** `host:port` with IPv4-mapped IPv6 written as IPv4 and other IPv6 in brackets; '' when there is no host. */
export function addressText(host: string, port: number): string {
  if (host === '') return '';
  const plain = MAPPED_IPV4.exec(host)?.[1] ?? host;
  return plain.includes(':') ? `[${plain}]:${port}` : `${plain}:${port}`;
}
