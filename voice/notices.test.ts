import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createLogger } from '#api/core/log.ts'
import { NoticeBook, noticeTexts } from './notices.ts'

const log = createLogger({ name: 'test', level: 'silent' })
let folder: string
let spoken: string[]
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'notices-'))
  spoken = []
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const aBook = (at = folder) =>
  new NoticeBook(
    at,
    {
      async speak(voiceId, text) {
        spoken.push(`${voiceId} ${text}`)
        return new Uint8Array(320).fill(0x10)
      },
    },
    log,
  )

test('what any call may come to need is spoken once for each voice', async () => {
  const book = aBook()
  await Promise.all([book.prepare('alma'), book.prepare('alma')])
  const { resumed: _agentsOwn, ...ours } = noticeTexts
  expect(spoken.toSorted()).toEqual(
    Object.values(ours)
      .map((text) => `alma ${text}`)
      .toSorted(),
  )
  for (const text of Object.values(ours)) expect(book.find('alma', text)).toBeDefined()
})

test('after a start the notices of an earlier life are at hand without being asked for', async () => {
  await aBook().warm('alma', noticeTexts.farewell)
  await writeFile(path.join(folder, 'half.ulaw.77'), 'what a dying process left')
  const later = aBook()
  expect(later.find('alma', noticeTexts.farewell)).toBeUndefined()
  await later.load()
  expect(later.find('alma', noticeTexts.farewell)).toHaveLength(320 + 10 * 160)
  expect(later.find('alma', noticeTexts.reconnecting)).toBeUndefined()
  expect(spoken).toHaveLength(1)
})

test('a machine that has said nothing yet starts with none', async () => {
  const book = aBook(path.join(folder, 'not-there'))
  await book.load()
  expect(book.find('alma', noticeTexts.farewell)).toBeUndefined()
})
