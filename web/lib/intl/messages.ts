import type en from '../../messages/en.json'
import type { Locale } from './locales.ts'

export type Messages = typeof en

const loaders: Record<Locale, () => Promise<{ default: Messages }>> = {
  en: () => import('../../messages/en.json'),
  de: loadGerman,
}

/** The API speaks English: what it refuses with is told in German by its code. */
async function loadGerman(): Promise<{ default: Messages }> {
  const [texts, problems] = await Promise.all([
    import('../../messages/de.json'),
    import('../../messages/problems.de.json'),
  ])
  const withProblems = { ...texts.default, problems: problems.default }
  return { default: withProblems }
}

/** Only the language in use is sent to the browser. */
export async function loadMessages(locale: Locale): Promise<Messages> {
  return (await loaders[locale]()).default
}
