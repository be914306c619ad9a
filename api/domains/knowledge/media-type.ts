const PDF_HEAD = '%PDF-'
const PDF_HEAD_WITHIN = 1_024 // readers accept the head anywhere in the first kilobyte
// Files that also read as text or hold a PDF somewhere: what they are is decided by how they begin.
const OTHER_HEADS = ['PK\x03\x04', '\x7fELF', 'MZ', 'GIF8', '\x89PNG', '\xff\xd8\xff', '\x1f\x8b']

/** Whether the bytes are what the type says (THREATS T23). */
export function fitsItsType(mediaType: string, bytes: Buffer): boolean {
  const head = bytes.subarray(0, PDF_HEAD_WITHIN).toString('latin1')
  if (OTHER_HEADS.some((other) => head.startsWith(other))) return false
  if (mediaType === 'application/pdf') return head.includes(PDF_HEAD)
  return !head.startsWith(PDF_HEAD) && isText(bytes)
}

function isText(bytes: Buffer): boolean {
  if (bytes.includes(0)) return false
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch (error) {
    if (error instanceof TypeError) return false
    throw error
  }
}
