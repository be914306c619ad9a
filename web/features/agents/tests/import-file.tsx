'use client'
import { lazy, Suspense, useRef, useState } from 'react'
import { useTranslations } from 'use-intl'
import { GuardedButton } from '../../../components/guarded-button.tsx'
import { toast } from '../../../components/toast.tsx'
import { type ReadFile, readTestFile } from './test-file.ts'
import { useTestDesk } from './tests-context.tsx'
import { typedTest } from './typed-steps.ts'

const FileFaults = lazy(() =>
  import('./file-faults.tsx').then((file) => ({ default: file.FileFaults })),
)

type Refused = { name: string; read: Exclude<ReadFile, { is: 'test' }> }

/** Reads a test out of a file into the editor; where it is none, says at which step it is wrong. */
export function ImportFile({ refusal }: { refusal: string | null }) {
  const t = useTranslations('agentTests')
  const picker = useRef<HTMLInputElement>(null)
  const { onTask } = useTestDesk()
  const [refused, setRefused] = useState<Refused | null>(null)
  const take = async (file: File) => {
    const read = await readTestFile(file)
    if (read.is !== 'test') return setRefused({ name: file.name, read })
    onTask({ what: 'create', start: typedTest(read.test) })
    toast(t('file.read', { file: file.name }))
  }
  return (
    <>
      <GuardedButton refusal={refusal} onClick={() => picker.current?.click()}>
        {t('import')}
      </GuardedButton>
      <input
        ref={picker}
        type="file"
        accept=".json,application/json"
        aria-label={t('import')}
        tabIndex={-1}
        disabled={refusal !== null}
        onChange={(event) => {
          const [file] = event.target.files ?? []
          if (file) void take(file)
          // The same file may be chosen again once it was mended.
          event.target.value = ''
        }}
        className="hidden"
      />
      <Suspense fallback={null}>
        {refused && <FileFaults {...refused} onClose={() => setRefused(null)} />}
      </Suspense>
    </>
  )
}
