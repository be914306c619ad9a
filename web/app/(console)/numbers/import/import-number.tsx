'use client'
import { lazy, Suspense } from 'react'
import { ImportScreen } from '../../../../features/phone-numbers/import-screen.tsx'

const ConnectDialog = lazy(() =>
  import('../../../../features/carrier-accounts/connect-dialog.tsx').then((file) => ({
    default: file.ConnectDialog,
  })),
)

/** The way a number comes in; a Twilio account can be connected on it. */
export const ImportNumber = () => (
  <ImportScreen
    connect={(asked) => (
      <Suspense fallback={null}>
        <ConnectDialog {...asked} />
      </Suspense>
    )}
  />
)
