import type en from '../../messages/en.json'
import type { Locale } from './locales.ts'

export type Messages = typeof en

const loaders: Record<Locale, () => Promise<{ default: Messages }>> = {
  en: () => import('../../messages/en.json'),
  de: () => import('../../messages/de.json'),
}

/** Only the language in use is sent to the browser. */
export async function loadMessages(locale: Locale): Promise<Messages> {
  return (await loaders[locale]()).default
}
