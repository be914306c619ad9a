/** In the agent's language; English stands in for those that are not here. */
const aiNotices: Record<string, (organization: string) => string> = {
  en: (organization) => `This is an AI assistant calling for ${organization}.`,
  de: (organization) => `Hier spricht ein KI-Assistent im Auftrag von ${organization}.`,
  fr: (organization) =>
    `Ici un assistant vocal d'intelligence artificielle, de la part de ${organization}.`,
  es: (organization) =>
    `Le llama un asistente de inteligencia artificial en nombre de ${organization}.`,
}

/**
 * What is said before anything else, and before anything is recorded; null where nothing is. Whom we call is told
 * that it is no person, whatever the organization has switched off (THREATS T51).
 */
export function announcementFor(
  direction: 'inbound' | 'outbound',
  facts: {
    organizationName: string
    language: string | null
    announcementEnabled: boolean
    announcementText: string
  },
): string | null {
  const own = facts.announcementEnabled ? facts.announcementText : null
  if (direction === 'inbound') return own
  const language = facts.language?.split('-')[0] ?? 'en'
  const notice = (aiNotices[language] ?? aiNotices.en)?.(facts.organizationName)
  return [notice, own].filter(Boolean).join(' ')
}
