import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'

export type ImportReport = {
  modules: number
  /** The rules that were applied. */
  rules: string[]
  violations: { rule: string; from: string; to: string; why: string }[]
}

const report = z.object({
  summary: z.object({
    totalCruised: z.int(),
    violations: z.array(
      z.object({ from: z.string(), to: z.string(), rule: z.object({ name: z.string() }) }),
    ),
    ruleSetUsed: z.object({
      forbidden: z.array(z.object({ name: z.string(), comment: z.string() })),
    }),
  }),
})

const REPOSITORY = path.dirname(import.meta.dirname)
const FOLDERS = ['api', 'bench', 'db', 'e2e', 'sandbox', 'scripts', 'voice', 'web']
const MAX_REPORT_BYTES = 64 * 1024 * 1024 // the whole graph of a few thousand modules as JSON

/** Which imports break the rules of `.dependency-cruiser.mjs`, in this repository or another tree. */
export async function checkImports(root = REPOSITORY): Promise<ImportReport> {
  const program = path.join(
    REPOSITORY,
    'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs',
  )
  const folders = FOLDERS.filter((folder) => existsSync(path.join(root, folder)))
  const rules = path.join(REPOSITORY, '.dependency-cruiser.mjs')
  const output = await run(root, [program, '--config', rules, '--output-type', 'json', ...folders])
  const { summary } = report.parse(JSON.parse(output))
  const reasons = new Map(summary.ruleSetUsed.forbidden.map(({ name, comment }) => [name, comment]))
  return {
    modules: summary.totalCruised,
    rules: [...reasons.keys()],
    violations: summary.violations.map(({ rule, from, to }) => ({
      rule: rule.name,
      from,
      to,
      why: reasons.get(rule.name) ?? '',
    })),
  }
}

function run(root: string, args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd: root, maxBuffer: MAX_REPORT_BYTES }
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      // It ends with the number of violations; only without a report did it fail.
      if (stdout.startsWith('{')) resolve(stdout)
      else reject(new Error(`the import check did not run: ${stderr || stdout}`, { cause: error }))
    })
  })
}
