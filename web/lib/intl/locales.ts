export const locales = ['en', 'de'] as const
export type Locale = (typeof locales)[number]

/** Their own names, so that a reader of one finds it among the others. */
export const localeNames: Record<Locale, string> = { en: 'English', de: 'Deutsch' }

export const isLocale = (text: string | undefined): text is Locale =>
  locales.some((locale) => locale === text)

/** The chosen language, else the first one of the browser's list that we speak, else English. */
export function chooseLocale(chosen: string | undefined, acceptLanguage: string | null): Locale {
  if (isLocale(chosen)) return chosen
  const wanted = (acceptLanguage ?? '')
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().split(';')
      const quality = parameters.find((parameter) => parameter.trim().startsWith('q='))
      return {
        language: tag.slice(0, 2).toLowerCase(),
        weight: Number(quality?.split('=')[1] ?? 1),
      }
    })
    .sort((a, b) => b.weight - a.weight)
  return wanted.map(({ language }) => language).find(isLocale) ?? 'en'
}
