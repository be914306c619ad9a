import { formatPhone } from '../lib/format/phone.ts'

/** A phone number as people read it; the stored form is in the tooltip. */
export const Phone = ({ number }: { number: string }) => (
  <span title={number} className="whitespace-nowrap tabular-nums">
    {formatPhone(number)}
  </span>
)
