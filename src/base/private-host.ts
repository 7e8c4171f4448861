// Is a host one of ours? In: a name or an address as text. Out: yes or no, by what it is called alone; nothing is resolved.

const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** Loopback, private and link-local addresses (RFC 1918, RFC 4193, RFC 3927), and names that only resolve at home. */
export function isPrivateHost(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[|\]$/g, '');
  if (name === '' || name === 'localhost' || !/[.:]/.test(name)) return true;
  if (/\.(local|localhost|internal|svc|lan|home|intranet|test)$/.test(name) || name.includes('.svc.'))
    return true;
  return isPrivateAddress(MAPPED_IPV4.exec(name)?.[1] ?? name);
}

function isPrivateAddress(address: string): boolean {
  if (/^(127|10)\.\d+\.\d+\.\d+$|^192\.168\.\d+\.\d+$|^169\.254\.\d+\.\d+$/.test(address)) return true;
  if (/^172\.(1[6-9]|2\d|3[01])\.\d+\.\d+$/.test(address)) return true;
  return address === '::1' || /^f[cd][0-9a-f]{2}:|^fe80:/.test(address);
}
