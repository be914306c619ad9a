'use client'

/** The last resort, when not even the layout could be drawn: no theme, no texts of ours can be relied on. */
export default function GlobalError({ reset }: { reset(): void }) {
  return (
    <html lang="en">
      <body style={{ fontFamily: 'system-ui, sans-serif', padding: '4rem 1.5rem' }}>
        <h1 style={{ fontSize: 20 }}>VoxCalls could not be shown</h1>
        <p>The console met a fault it did not expect. Your data is not affected.</p>
        <button type="button" onClick={reset}>
          Try again
        </button>
      </body>
    </html>
  )
}
