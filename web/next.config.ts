import { fileURLToPath } from 'node:url'
import type { NextConfig } from 'next'

const repository = fileURLToPath(new URL('..', import.meta.url))

const config: NextConfig = {
  // The browser imports the API's contracts, which live above this folder.
  turbopack: { root: repository },
  outputFileTracingRoot: repository,
  poweredByHeader: false,
  reactStrictMode: true,
  experimental: { optimizePackageImports: ['radix-ui'] },
}

export default config
