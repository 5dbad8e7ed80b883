/** An IP address as a number, with how many bits it has. */
interface Address {
  bits: 32 | 128;
  value: bigint;
}

type Range = Address & { prefix: number };

/** What of IPv4 is not the public Internet (IANA's special-purpose registry), and Azure's wire server, which looks as if it were. */
const specialV4 = [
  '0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '168.63.129.16/32', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24', '192.0.2.0/24',
  '192.31.196.0/24', '192.52.193.0/24', '192.88.99.0/24', '192.168.0.0/16', '192.175.48.0/24', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4', '240.0.0.0/4',
].map(toRange);

/** Only this part of IPv6 is handed out as public addresses. */
const publicV6 = toRange('2000::/3');

/** What of that part is not: tunnels that carry IPv4 (Teredo, 6to4), benchmarks, examples. */
const specialV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '2620:4f:8000::/48', '3fff::/20'].map(toRange);

/** IPv6 that stands for the IPv4 address in its last 32 bits: mapped, and translated (NAT64). */
const carriesV4 = ['::ffff:0:0/96', '64:ff9b::/96'].map(toRange);

const loopbacks = ['127.0.0.0/8', '::1/128', '::ffff:127.0.0.0/104'].map(toRange);

/** Whether an address, in any spelling, is one of the public Internet. What is no address at all is not. */
export function isPublicAddress(text: string): boolean {
  const address = parseAddress(text);
  if (address === null) return false;
  const real = unwrap(address);
  if (real.bits === 32) return !specialV4.some((range) => holds(range, real));
  return holds(publicV6, real) && !specialV6.some((range) => holds(range, real));
}

export function isLoopbackAddress(text: string): boolean {
  const address = parseAddress(text);
  return address !== null && loopbacks.some((range) => holds(range, address));
}

function unwrap(address: Address): Address {
  return carriesV4.some((range) => holds(range, address)) ? { bits: 32, value: address.value & 0xffff_ffffn } : address;
}

function holds(range: Range, address: Address): boolean {
  const rest = BigInt(range.bits - range.prefix);
  return range.bits === address.bits && range.value >> rest === address.value >> rest;
}

/** Reads what the resolver or a socket gives: the plain spelling. A zone (`fe80::1%eth0`) marks a local address, and is none here. */
function parseAddress(text: string): Address | null {
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) {
    const parts = text.split('.').map(Number);
    return parts.some((part) => part > 255) ? null : { bits: 32, value: join(parts, 8n) };
  }
  return text.includes(':') ? parseV6(text) : null;
}

function parseV6(text: string): Address | null {
  // The URL parser brings every spelling of IPv6 into one, without dots.
  if (!URL.canParse(`http://[${text}]/`)) return null;
  const canonical = new URL(`http://[${text}]/`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const groupsOf = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)));
  const [left, right] = [groupsOf(head), groupsOf(tail ?? '')];
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => 0);
  return { bits: 128, value: join([...left, ...zeros, ...right], 16n) };
}

function join(parts: readonly number[], bitsEach: bigint): bigint {
  return parts.reduce((sum, part) => (sum << bitsEach) | BigInt(part), 0n);
}

function toRange(text: string): Range {
  const [base = '', prefix = ''] = text.split('/');
  const address = parseAddress(base);
  if (address === null) throw new Error(`not a range of addresses: ${text}`);
  return { ...address, prefix: Number(prefix) };
}
