'use client'
import { useMutation } from '@tanstack/react-query'
import type { Call, Endpoint } from '#api/contract/endpoint.ts'
import type { ApiError } from './api-error.ts'
import { useApi } from './use-endpoint.tsx'

/** Fetches a file with the session's token and hands it to the browser to keep. */
export function useDownload<E extends Endpoint>(declared: E) {
  const api = useApi()
  return useMutation<void, ApiError, { sent: Call<E>; fileName: string }>({
    mutationFn: async ({ sent, fileName }) =>
      keepFile(await api.download(declared, sent), fileName),
  })
}

/** Hands the browser a file to keep. */
export function keepFile(file: Blob, fileName: string): void {
  const url = URL.createObjectURL(file)
  const link = document.createElement('a')
  link.href = url
  link.download = fileName
  link.click()
  URL.revokeObjectURL(url)
}
