// Calling codes of one and two digits (ITU E.164); every other code has three.
const shortCodes = new Set(
  `1 7 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65
  66 81 82 84 86 90 91 92 93 94 95 98`.split(/\s+/),
)

/**
 * An E.164 number as people read it: North American numbers in national form, others with their
 * calling code and groups of three or four. What is no E.164 number (a SIP address, "anonymous") stays as it is.
 */
export function formatPhone(number: string): string {
  const digits = /^\+(\d{7,15})$/.exec(number)?.[1]
  if (!digits) return number
  if (digits.startsWith('1') && digits.length === 11) {
    return `(${digits.slice(1, 4)}) ${digits.slice(4, 7)}-${digits.slice(7)}`
  }
  const code = [1, 2].map((length) => digits.slice(0, length)).find((head) => shortCodes.has(head))
  const codeLength = code?.length ?? 3
  return `+${digits.slice(0, codeLength)} ${groups(digits.slice(codeLength)).join(' ')}`
}

/** Groups of three, the last one of two to four digits. */
function groups(digits: string): string[] {
  if (digits.length <= 4) return [digits]
  return [digits.slice(0, 3), ...groups(digits.slice(3))]
}
