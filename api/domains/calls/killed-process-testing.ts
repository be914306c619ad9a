import { contextOfOwnProcess, killedBefore } from '#api/killed-process-testing.ts'
import { type Deed, perform } from './kill-testing.ts'

/** A process of its own that does one thing to the money and is killed before its n-th statement, or after the last. */
const [, , urls = '', point, deed = ''] = process.argv
const ctx = await contextOfOwnProcess(urls)
await killedBefore(Number(point), { requests: false }, () => perform(ctx, JSON.parse(deed) as Deed))
