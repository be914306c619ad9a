import { fileURLToPath } from 'node:url'

const repository = fileURLToPath(new URL('..', import.meta.url))

// JavaScript, because `next start` would need a compiler to read anything else.
/** @type {import('next').NextConfig} */
const config = {
  // Browsers ask for this address where a page has no head yet.
  rewrites: async () => [{ source: '/favicon.ico', destination: '/icon.svg' }],
  // The browser imports the API's contracts, which live above this folder.
  turbopack: { root: repository },
  outputFileTracingRoot: repository,
  poweredByHeader: false,
  reactStrictMode: true,
  experimental: { optimizePackageImports: ['radix-ui'] },
}

export default config
