/** The product's mark: a voice, drawn as five bars. */
export const Logo = ({ className }: { className?: string }) => (
  <svg aria-hidden viewBox="0 0 20 20" className={className ?? 'size-5 shrink-0 text-brand'}>
    <path
      d="M2.5 8.5v3M6.25 5.5v9M10 2.5v15M13.75 6.5v7M17.5 8.5v3"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
    />
  </svg>
)
