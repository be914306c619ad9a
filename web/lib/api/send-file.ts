export const UPLOAD_TIMEOUT_MS = 65_000 // The API gives a whole upload 60 s; its own refusal comes first (THREATS X-upload).

export type SendFile = {
  method: string
  url: string
  headers: Record<string, string>
  file: Blob
  /** From 0 to 1, while the bytes leave. */
  onProgress?: ((share: number) => void) | undefined
  signal?: AbortSignal | undefined
}

/**
 * Sends a file as a body. `fetch` cannot tell how much of a body has left, so this is an XMLHttpRequest that answers and fails
 * as `fetch` would.
 */
export function sendFile(sent: SendFile): Promise<Response> {
  const { signal, onProgress } = sent
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const request = new XMLHttpRequest()
    const abort = () => request.abort()
    request.open(sent.method, sent.url)
    request.timeout = UPLOAD_TIMEOUT_MS
    for (const [name, value] of Object.entries(sent.headers)) request.setRequestHeader(name, value)
    request.upload.onprogress = ({ lengthComputable, loaded, total }) => {
      if (lengthComputable && total > 0) onProgress?.(loaded / total)
    }
    request.onload = () => resolve(answerOf(request))
    request.onerror = () => reject(new TypeError('the upload met a network error'))
    request.ontimeout = () => reject(new DOMException('the upload took too long', 'TimeoutError'))
    request.onabort = () => reject(signal?.reason ?? new DOMException('aborted', 'AbortError'))
    request.onloadend = () => signal?.removeEventListener('abort', abort)
    signal?.addEventListener('abort', abort)
    request.send(sent.file)
  })
}

function answerOf(request: XMLHttpRequest): Response {
  const requestId = request.getResponseHeader('x-request-id')
  const isBare = request.status === 204
  return new Response(isBare ? null : request.responseText, {
    status: request.status,
    ...(requestId && { headers: { 'x-request-id': requestId } }),
  })
}
