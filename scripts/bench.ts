import { benches as answer } from '../bench/answer.ts'
import { benches as api } from '../bench/api.ts'
import { benches as firstLoad } from '../bench/first-load.ts'
import { benches as search } from '../bench/search.ts'
import { benches as voice } from '../bench/voice.ts'
import { type Bench, type Row, benches as wallet } from '../bench/wallet.ts'

/**
 * `npm run bench [names] [-- --json] [-- --full]`: each figure is a ratio against a baseline measured in the
 * same run, since machines differ and are shared. Exit 1 where a goal was missed.
 */
const known: Bench[] = [...wallet, ...api, ...voice, ...answer, ...search, ...firstLoad]
const flags = process.argv.slice(2).filter((argument) => argument.startsWith('--'))
const names = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
const unknown = names.filter((name) => !known.some((bench) => bench.name === name))
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(', ')}. There are: ${listOf(known)}.`)
  process.exit(2)
}

const rows: Row[] = []
for (const bench of known.filter(({ name }) => names.length === 0 || names.includes(name))) {
  if (!flags.includes('--json')) console.log(`\n${bench.name}`)
  const measured = await bench.run()
  rows.push(...measured)
  if (!flags.includes('--json')) for (const row of measured) console.log(lineOf(row))
}
if (flags.includes('--json')) console.log(JSON.stringify(rows, null, 2))
process.exitCode = rows.every((row) => row.met) ? 0 : 1

function lineOf({ name, value, unit, baseline, ratio, goal, met }: Row): string {
  const figures = `${round(value)} ${unit} against ${round(baseline)}`
  return `  ${met ? 'met   ' : 'MISSED'} ${name.padEnd(52)} ${figures.padEnd(36)} ${round(ratio)} x, goal ${goal}`
}

function listOf(benches: readonly Bench[]): string {
  return benches.map(({ name }) => name).join(', ')
}

function round(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3)
}
