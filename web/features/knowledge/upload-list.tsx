'use client'
import { RotateCw, TriangleAlert, X } from 'lucide-react'
import { useTranslations } from 'use-intl'
import { Button } from '../../components/button.tsx'
import { useErrorText } from '../../components/error-box.tsx'
import { IconButton } from '../../components/icon-button.tsx'
import { ProgressBar } from '../../components/progress-bar.tsx'
import { ApiError } from '../../lib/api/api-error.ts'
import { useFormat } from '../../lib/intl/use-format.tsx'
import type { UploadItem, Uploads } from './use-uploads.ts'

/** Each file on its way, and why one did not get there. */
export function UploadList({ uploads }: { uploads: Uploads }) {
  const t = useTranslations('knowledge.uploads')
  const { items, arrived, leftOut, isBusy } = uploads
  const waiting = items.filter(({ state }) => state !== 'refused').length
  return (
    <>
      <p role="status" className={items.length > 0 ? 'mt-3 font-medium' : 'sr-only'}>
        {isBusy && t('progress', { arrived, count: arrived + waiting })}
        {!isBusy && items.length > 0 && t('refused', { count: items.length })}
        {!isBusy && items.length === 0 && arrived > 0 && t('arrived', { count: arrived })}
      </p>
      {leftOut > 0 && <p className="mt-1 text-warn">{t('leftOut', { count: leftOut })}</p>}
      {items.length > 0 && (
        <ul
          aria-label={t('label')}
          className="mt-2 max-h-80 divide-y divide-line overflow-y-auto rounded-card border border-line bg-panel"
        >
          {items.map((item) => (
            <UploadRow key={item.id} item={item} uploads={uploads} />
          ))}
        </ul>
      )}
    </>
  )
}

function UploadRow({ item, uploads }: { item: UploadItem; uploads: Uploads }) {
  const t = useTranslations('knowledge.uploads')
  const format = useFormat()
  const { id, file, state, share, refusal } = item
  const isRefused = state === 'refused'
  return (
    <li className="flex items-center gap-2 py-1.5 pr-2 pl-4">
      {isRefused && <TriangleAlert aria-hidden className="size-4 shrink-0 text-bad" />}
      <div className="min-w-0 grow">
        <p className="flex items-baseline gap-2">
          <span className="truncate" title={file.name}>
            {file.name}
          </span>
          <span className="shrink-0 text-soft text-xs tabular-nums">{format.size(file.size)}</span>
        </p>
        {isRefused ? (
          <p className="text-bad text-xs">
            <RefusalText refusal={refusal} />
          </p>
        ) : (
          <div className="mt-1 flex items-center gap-2">
            <ProgressBar
              label={t('progressOf', { name: file.name })}
              share={share}
              className="grow"
            />
            <span className="w-20 shrink-0 text-right text-soft text-xs tabular-nums">
              {state === 'waiting' && t('waiting')}
              {state === 'sending' &&
                (share < 1 ? format.number(share, { style: 'percent' }) : t('keeping'))}
            </span>
          </div>
        )}
      </div>
      {isRefused && refusal instanceof ApiError && (
        <Button
          kind="quiet"
          size="small"
          aria-label={t('retryNamed', { name: file.name })}
          onClick={() => uploads.retry(id)}
        >
          <RotateCw aria-hidden className="size-3.5" />
          {t('retry')}
        </Button>
      )}
      <IconButton
        label={t(isRefused ? 'putAway' : 'cancel', { name: file.name })}
        onClick={() => uploads.remove(id)}
      >
        <X aria-hidden className="size-4" />
      </IconButton>
    </li>
  )
}

function RefusalText({ refusal }: { refusal: UploadItem['refusal'] }) {
  const t = useTranslations('knowledge.uploads')
  const errorText = useErrorText()
  if (refusal === null) return null
  if (!(refusal instanceof ApiError)) return t(`refusals.${refusal}`)
  return refusal.code === 'client.timeout' ? t('tooSlow') : errorText(refusal)
}
