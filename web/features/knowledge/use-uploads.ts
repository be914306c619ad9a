'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef, useState } from 'react'
import { listDocuments, uploadDocument } from '#contracts/knowledge'
import { ApiError } from '../../lib/api/api-error.ts'
import { endpointKey, useApi } from '../../lib/api/use-endpoint.tsx'
import { type LocalRefusal, refusalOf, titleOfFile, uploadTypeOf } from './files.ts'

const AT_ONCE = 2 // The API holds four files at a time for everybody.
const MAX_FILES = 200 // As many as a knowledge base holds at all.

export type UploadItem = {
  id: string
  file: File
  state: 'waiting' | 'sending' | 'refused'
  /** From 0 to 1; at 1 the server has the bytes and keeps them. */
  share: number
  refusal: LocalRefusal | ApiError | null
}

export type Uploads = ReturnType<typeof useUploads>

/**
 * The files on their way, two at a time. One that has arrived leaves this list when the documents show it; one that was
 * refused stays until it is sent again or put away.
 */
export function useUploads() {
  const api = useApi()
  const queries = useQueryClient()
  const [items, setItems] = useState<readonly UploadItem[]>([])
  const [arrived, setArrived] = useState(0)
  const [leftOut, setLeftOut] = useState(0)
  const sending = useRef(new Map<string, AbortController>())

  const change = useCallback((id: string, over: Partial<UploadItem>) => {
    setItems((all) => all.map((item) => (item.id === id ? { ...item, ...over } : item)))
  }, [])
  const remove = useCallback((id: string) => {
    sending.current.get(id)?.abort()
    // At once, so that the next file finds the room when it looks.
    sending.current.delete(id)
    setItems((all) => all.filter((item) => item.id !== id))
  }, [])

  const send = useCallback(
    async ({ id, file }: UploadItem) => {
      const abort = new AbortController()
      sending.current.set(id, abort)
      change(id, { state: 'sending', share: 0, refusal: null })
      try {
        const upload = {
          file,
          mediaType: uploadTypeOf(file.name) ?? file.type,
          onProgress: (share: number) => change(id, { share }),
          signal: abort.signal,
        }
        await api.upload(uploadDocument, { query: { title: titleOfFile(file.name) } }, upload)
        setArrived((count) => count + 1)
        await queries.invalidateQueries({ queryKey: endpointKey(listDocuments) })
        remove(id)
      } catch (error) {
        // Whoever took the file back has taken it off the list too.
        if (abort.signal.aborted) return
        if (!(error instanceof ApiError)) throw error
        change(id, { state: 'refused', refusal: error })
      } finally {
        sending.current.delete(id)
      }
    },
    [api, queries, change, remove],
  )

  useEffect(() => {
    const free = AT_ONCE - sending.current.size
    const next = items.filter(({ id, state }) => state === 'waiting' && !sending.current.has(id))
    for (const item of next.slice(0, Math.max(0, free))) void send(item)
  }, [items, send])

  useEffect(() => {
    const running = sending.current
    return () => {
      for (const abort of running.values()) abort.abort()
    }
  }, [])

  const isBusy = items.some(({ state }) => state !== 'refused')
  return {
    items,
    /** How many of this batch are there. */
    arrived,
    /** Files beyond what is taken at once. */
    leftOut,
    isBusy,
    add(files: readonly File[]) {
      const taken = files.slice(0, Math.max(0, MAX_FILES - items.length))
      if (!isBusy) setArrived(0)
      setLeftOut(files.length - taken.length)
      setItems((all) => [...all, ...taken.map(newItem)])
    },
    retry: (id: string) => change(id, { state: 'waiting', refusal: null, share: 0 }),
    remove,
  }
}

function newItem(file: File): UploadItem {
  const refusal = refusalOf(file)
  const state = refusal ? 'refused' : 'waiting'
  return { id: crypto.randomUUID(), file, state, share: 0, refusal }
}
