'use client'
import { useQueryClient } from '@tanstack/react-query'
import { parseAsString, useQueryStates } from 'nuqs'
import { useEffect, useState } from 'react'
import { useTranslations } from 'use-intl'
import {
  getTopUp,
  getWallet,
  getWalletStatus,
  listLedgerEntries,
  listTopUps,
} from '#contracts/wallet'
import { Button } from '../../components/button.tsx'
import { ErrorBox } from '../../components/error-box.tsx'
import { endpointKey, useEndpoint } from '../../lib/api/use-endpoint.tsx'
import { useFormat } from '../../lib/intl/use-format.tsx'
import { ReturnCard } from './return-card.tsx'
import { type ReturnState, returnState, type TopUp } from './return-state.ts'
import { useRefusalText } from './use-refusal-text.ts'

const LATE_MS = 20_000 // Longer than a webhook takes when nothing is wrong.
const SOON_MS = 2_000
const LATER_MS = 10_000

/** What became of the payment a person comes back from; the address holds which one it is. */
export function TopUpReturn(props: { onStartAgain(): void }) {
  const [{ 'top-up': topUpId, paid }, setAddress] = useQueryStates({
    'top-up': parseAsString,
    paid: parseAsString,
  })
  if (!topUpId) return null
  const close = () => void setAddress({ 'top-up': null, paid: null })
  return (
    <Returned
      key={topUpId}
      topUpId={topUpId}
      hasPaid={paid !== null}
      onClose={close}
      onStartAgain={() => {
        close()
        props.onStartAgain()
      }}
    />
  )
}

type ReturnedProps = {
  topUpId: string
  /** The payment page says so; the money is there only when the webhook was. */
  hasPaid: boolean
  onClose(): void
  onStartAgain(): void
}

function Returned(props: ReturnedProps) {
  const t = useTranslations('wallet.return')
  const { topUpId, hasPaid } = props
  const isLate = useLate()
  const topUp = useEndpoint(
    getTopUp,
    { params: { topUpId } },
    {
      refetchInterval: ({ state }) =>
        state.data?.state === 'pending' && (isLate ? LATER_MS : SOON_MS),
    },
  )
  useRefreshOnEnd(topUp.data)
  if (!topUp.data) {
    return topUp.error ? (
      <ErrorBox
        title={t('unreadable')}
        error={topUp.error}
        onRetry={() => void topUp.refetch()}
        isRetrying={topUp.isFetching}
      />
    ) : (
      <ReturnCard label={t('label')} look="waiting" title={t('loading')} />
    )
  }
  const state = returnState(topUp.data, { hasPaid, isLate })
  return <Told {...props} topUp={topUp.data} state={state} />
}

function Told(props: ReturnedProps & { topUp: TopUp; state: ReturnState }) {
  const { topUp, state } = props
  const t = useTranslations('wallet.return')
  const format = useFormat()
  const refusalText = useRefusalText()
  const { currency, receivedCents, amountCents, checkoutUrl, receiptUrl, expiresAt } = topUp
  const amount = format.money(receivedCents ?? amountCents, { currency })
  const hints: Record<ReturnState, string> = {
    waiting: t('waitingHint'),
    late: t('lateHint'),
    paid: t('paidHint'),
    canceled: t('canceledHint', { amount, time: expiresAt ? format.moment(expiresAt) : '–' }),
    declined: refusalText(topUp.failureCode),
    expired: t('expiredHint', { amount }),
    voided: t('expiredHint', { amount }),
    failed: refusalText(topUp.failureCode),
  }
  const isOpen = state === 'canceled' || state === 'declined'
  const isOver = state === 'expired' || state === 'voided' || state === 'failed'
  return (
    <ReturnCard label={t('label')} look={state} title={t(state, { amount })} hint={hints[state]}>
      {isOpen && checkoutUrl && (
        <Button kind="primary" asChild>
          <a href={checkoutUrl}>{t(state === 'declined' ? 'otherCard' : 'goOn')}</a>
        </Button>
      )}
      {isOver && (
        <Button kind="primary" onClick={props.onStartAgain}>
          {t('startAgain')}
        </Button>
      )}
      {state === 'paid' && receiptUrl && (
        <Button asChild>
          <a href={receiptUrl} target="_blank" rel="noreferrer">
            {t('receipt')}
            <span className="sr-only"> {t('newTab')}</span>
          </a>
        </Button>
      )}
      {state !== 'waiting' && <Button onClick={props.onClose}>{t('close')}</Button>}
    </ReturnCard>
  )
}

/** Whether the confirmation takes longer than it should. */
function useLate(): boolean {
  const [isLate, setLate] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), LATE_MS)
    return () => clearTimeout(timer)
  }, [])
  return isLate
}

/** The money arrives on the screen when it arrives in the wallet. */
function useRefreshOnEnd(topUp: TopUp | undefined): void {
  const queries = useQueryClient()
  const isEnded = topUp !== undefined && topUp.state !== 'pending'
  useEffect(() => {
    if (!isEnded) return
    for (const declared of [getWallet, getWalletStatus, listLedgerEntries, listTopUps])
      void queries.invalidateQueries({ queryKey: endpointKey(declared) })
  }, [isEnded, queries])
}
