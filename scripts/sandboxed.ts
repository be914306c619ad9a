import { isAbsolute, join, resolve } from 'node:path'
import { portsFrom } from './ports.ts'
import { sandboxEnvironment } from './sandbox-env.ts'

/**
 * `node scripts/sandboxed.ts api/server.ts [arguments]`: runs one process with the stand-ins' settings,
 * for containers, where no launcher gives them. The stand-ins must be up: they make the keys.
 */
const [program, ...args] = process.argv.slice(2)
if (!program) {
  console.error('usage: node scripts/sandboxed.ts <program> [arguments]')
  process.exit(2)
}
const root = resolve(import.meta.dirname, '..')
const dataDir = resolve(process.env.DATA_DIR || join(root, '.voxcalls'), 'sandbox')
const host = process.env.SANDBOX_ADDRESS || '127.0.0.1'
Object.assign(
  process.env,
  sandboxEnvironment(process.env, { ports: portsFrom(process.env), host, dataDir }),
)
const file = isAbsolute(program) ? program : join(root, program)
process.argv = [process.execPath, file, ...args]
await import(file)
