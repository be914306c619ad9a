import { readOptions } from './arguments.ts'
import { type Diagnosis, diagnose } from './diagnose.ts'
import { defaultDataDir, readEnvFile } from './foreground.ts'
import { readRunning } from './running.ts'

/** `npm run doctor [-- --json]`: what works, what is a stand-in, what is missing, and what to do about it. */
const values = readOptions({ json: { type: 'boolean', default: false } })
readEnvFile()
const running = readRunning(defaultDataDir())
const diagnosis = await diagnose(running ?? process.env)
console.log(values.json ? JSON.stringify(diagnosis, null, 2) : asTable(diagnosis))
process.exitCode = diagnosis.features.some(({ state }) => state === 'fails') ? 1 : 0

function asTable({ features, hops }: Diagnosis): string {
  const whose = running
    ? 'The stack that runs here:'
    : 'No stack runs here (`npm start` starts one). By the environment alone:'
  const configuration = hops.find(({ name }) => name === 'configuration')
  if (configuration?.state === 'fails') {
    const problems = configuration.problem.split('; ').map((line) => `  ${line}`)
    return [
      whose,
      '',
      'Nothing can start: the configuration is not usable.',
      ...problems,
      '',
      configuration.fix,
    ].join('\n')
  }
  const width = Math.max(...features.map(({ name }) => name.length))
  const lines = features.flatMap(({ name, state, failing }) => [
    `${name.padEnd(width)}  ${state}`,
    ...(failing ? [`${''.padEnd(width)}    ${failing.name}: ${failing.problem}`] : []),
    ...(failing ? [`${''.padEnd(width)}    ${failing.fix}`] : []),
  ])
  return [whose, '', ...lines].join('\n')
}
