'use client'
import { Upload } from 'lucide-react'
import { type DragEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import { classes } from '../lib/classes.ts'
import { GuardedButton } from './guarded-button.tsx'

/** Where files are dropped; the button beside the words opens the browser's own picker. */
export function FileDrop(props: {
  label: string
  hint: ReactNode
  action: string
  /** As the picker takes it: types and endings. */
  accept: string
  refusal: string | null
  onFiles(files: readonly File[]): void
  className?: string
}) {
  const { onFiles, refusal } = props
  const picker = useRef<HTMLInputElement>(null)
  const [isOver, setOver] = useState(false)
  useHarmlessDrops()
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    if (!refusal) onFiles(filesOf(event.dataTransfer))
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is the pointer's way; the button is everybody's.
    <div
      onDragOver={(event) => {
        event.preventDefault()
        setOver(!refusal)
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false)
      }}
      onDrop={drop}
      className={classes(
        'flex flex-wrap items-center gap-x-4 gap-y-3 rounded-card border border-dashed px-4 py-3 transition-colors duration-120',
        isOver ? 'border-brand bg-brand/8' : 'border-edge',
        props.className,
      )}
    >
      <Upload aria-hidden className="size-5 shrink-0 text-soft max-sm:hidden" strokeWidth={1.5} />
      <div className="min-w-0 grow">
        <p className="font-medium">{props.label}</p>
        <p className="text-soft text-xs">{refusal ?? props.hint}</p>
      </div>
      <GuardedButton refusal={refusal} onClick={() => picker.current?.click()}>
        {props.action}
      </GuardedButton>
      <input
        ref={picker}
        type="file"
        multiple
        accept={props.accept}
        aria-label={props.action}
        tabIndex={-1}
        disabled={refusal !== null}
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])])
          // The same file may be chosen again after a refusal.
          event.target.value = ''
        }}
        className="hidden"
      />
    </div>
  )
}

/** A folder comes along without contents; it has no file of its own and is left out. */
const filesOf = (transfer: DataTransfer): File[] => {
  const entries = [...transfer.items].map((item) => ({
    isFolder: item.webkitGetAsEntry?.()?.isDirectory ?? false,
    file: item.getAsFile(),
  }))
  return entries.flatMap(({ isFolder, file }) => (file && !isFolder ? [file] : []))
}

/** A file that misses its place must not replace the console with its contents. */
function useHarmlessDrops(): void {
  useEffect(() => {
    const ignore = (event: Event) => event.preventDefault()
    window.addEventListener('dragover', ignore)
    window.addEventListener('drop', ignore)
    return () => {
      window.removeEventListener('dragover', ignore)
      window.removeEventListener('drop', ignore)
    }
  }, [])
}
