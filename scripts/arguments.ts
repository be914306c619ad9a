import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'

/** The options of a script; what is mistyped is told in one line and nothing is done. */
export function readOptions<const Options extends ParseArgsOptionsConfig>(options: Options) {
  try {
    return parseArgs({ options }).values
  } catch (error) {
    const known = Object.keys(options).map((name) => `--${name}`)
    const told = error instanceof Error ? error.message.split('. ')[0] : String(error)
    console.error(
      `${told}. ${known.length > 0 ? `There are: ${known.join(', ')}.` : 'This command takes none.'}`,
    )
    process.exit(2)
  }
}
