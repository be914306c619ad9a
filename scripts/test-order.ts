import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * Files of whole calls wait for clocks most of their time, the others keep the cores busy: begun in turn, the ones run
 * while the others wait. Left to the runner, all of the one kind come after all of the other.
 */
export default class TestOrder extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const waiting = sorted.filter(({ project }) => project.name === 'real-time')
    const busy = sorted.filter(({ project }) => project.name !== 'real-time')
    return spread(waiting, busy)
  }
}

/** The few between the many, over their first two thirds: what is long must not begin last. */
function spread<File>(few: File[], many: File[]): File[] {
  const every = Math.max(1, Math.floor((many.length * 2) / 3 / Math.max(1, few.length)))
  const mixed = few.flatMap((file, index) => [
    file,
    ...many.slice(index * every, (index + 1) * every),
  ])
  return [...mixed, ...many.slice(few.length * every)]
}
