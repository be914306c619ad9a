import { BlockList, isIP } from 'node:net'

// IANA's special-purpose registries, and what only looks like the public internet (THREATS T30).
const FORBIDDEN_4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10', // carrier-grade NAT
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]
// Within 2000::/3, outside of which nothing is public.
const FORBIDDEN_6 = [
  '2001::/23', // Teredo, ORCHID, benchmarks
  '2001:db8::/32',
  '2002::/16', // 6to4 carries an IPv4 address
  '2620:4f:8000::/48',
  '3fff::/20',
]
const PUBLIC_6 = '2000::/3'

const forbidden = listOf([...FORBIDDEN_4, ...FORBIDDEN_6])
const public6 = listOf([PUBLIC_6])

/** Whether a connection to this literal address leaves our own networks. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address)
  if (family === 4) return !forbidden.check(address, 'ipv4')
  if (family !== 6 || address.includes('%')) return false
  return public6.check(address, 'ipv6') && !forbidden.check(address, 'ipv6')
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits = ''] = network.split('/')
    list.addSubnet(address, Number(bits), address.includes(':') ? 'ipv6' : 'ipv4')
  }
  return list
}
