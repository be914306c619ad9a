import { Buffer } from 'node:buffer'
import { parseBytes } from './parse.ts'
import { type Parsed, Unreadable } from './parsed.ts'

// A process of its own: reads one document from standard input and writes what it holds, or why it holds nothing.

const chunks: Buffer[] = []
for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
const answer: Parsed = await parseBytes(process.argv[2] ?? '', Buffer.concat(chunks)).then(
  (pages) => ({ pages }),
  (error: unknown) => ({ reason: error instanceof Unreadable ? error.reason : 'damaged' }),
)
process.stdout.write(JSON.stringify(answer))
