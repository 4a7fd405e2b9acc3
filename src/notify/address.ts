/** `Posthorn <posthorn@example.com>`, or the address alone: its address; null when there is none. */
export function addressOf(from: string): string | null {
  const [, , bracketed, bare] = /^(?:([^<>\r\n]*)<([^<>\s]+)>|([^<>\s,;"]+))$/.exec(from.trim()) ?? [];
  const address = bracketed ?? bare ?? '';
  return /^[\x21-\x7e]+@[A-Za-z0-9.-]+$/.test(address) && address.indexOf('@') === address.lastIndexOf('@')
    ? address
    : null;
}
