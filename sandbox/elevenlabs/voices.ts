import { createHash } from 'node:crypto'
import { DEFAULT_VOICE_ID } from './agent-defaults.ts'

export type Voice = {
  voice_id: string
  name: string
  description: string
  gender: 'female' | 'male'
  age: string
  accent: string
  language: string
  use_case: string
  /** language/pitch/rate of the sandbox's speech engine. */
  engine: string
}

const CREATED_AT_UNIX = 1_700_000_000 // any fixed moment: the catalogue never changes

const voice = (
  voice_id: string,
  name: string,
  engine: string,
  labels: Pick<Voice, 'gender' | 'age' | 'accent' | 'language' | 'use_case'>,
  description: string,
): Voice => ({ voice_id, name, engine, description, ...labels })

const adult = { age: 'middle_aged', language: 'en', use_case: 'conversational' } as const

/** The shop window. The first is the service's default voice. */
export const catalogue: Voice[] = [
  voice(
    DEFAULT_VOICE_ID,
    'Eric',
    'en-gb/70/160',
    { ...adult, gender: 'male', accent: 'british' },
    'Clear and even.',
  ),
  voice(
    'sbx0000000000000Alma',
    'Alma',
    'en-us/75/165',
    { ...adult, gender: 'female', accent: 'american' },
    'Friendly front desk.',
  ),
  voice(
    'sbx0000000000000Bart',
    'Bart',
    'en-us/35/155',
    { ...adult, gender: 'male', accent: 'american' },
    'Low and calm.',
  ),
  voice(
    'sbx000000000000Clara',
    'Clara',
    'en-gb/80/170',
    { ...adult, gender: 'female', accent: 'british', age: 'young' },
    'Bright and quick.',
  ),
  voice(
    'sbx0000000000000Dirk',
    'Dirk',
    'de/45/160',
    { ...adult, gender: 'male', accent: 'standard', language: 'de' },
    'German, matter of fact.',
  ),
  voice(
    'sbx0000000000000Elsa',
    'Elsa',
    'de/75/160',
    { ...adult, gender: 'female', accent: 'standard', language: 'de' },
    'German, warm.',
  ),
  voice(
    'sbx000000000000Fleur',
    'Fleur',
    'fr/75/165',
    { ...adult, gender: 'female', accent: 'standard', language: 'fr' },
    'French, warm.',
  ),
  voice(
    'sbx000000000000Gonza',
    'Gonzalo',
    'es/45/165',
    { ...adult, gender: 'male', accent: 'peninsular', language: 'es' },
    'Spanish, lively.',
  ),
  voice(
    'sbx00000000000Harold',
    'Harold',
    'en-us/25/140',
    { ...adult, gender: 'male', accent: 'american', age: 'old' },
    'Slow and patient.',
  ),
  voice(
    'sbx0000000000000Ines',
    'Ines',
    'pt/75/165',
    { ...adult, gender: 'female', accent: 'standard', language: 'pt' },
    'Portuguese, warm.',
  ),
  voice(
    'sbx000000000000Joost',
    'Joost',
    'nl/45/165',
    { ...adult, gender: 'male', accent: 'standard', language: 'nl' },
    'Dutch, direct.',
  ),
  voice(
    'sbx000000000000Karen',
    'Karen',
    'en-us/90/175',
    { ...adult, gender: 'female', accent: 'american', use_case: 'characters_animation' },
    'An impatient buyer.',
  ),
]

/** The engine's voice for any voice id: one of the catalogue, or one derived from the id. */
export function engineVoice(voiceId: string): string {
  const known = catalogue.find((entry) => entry.voice_id === voiceId)
  if (known) return known.engine
  const [a = 0, b = 0] = createHash('sha256').update(voiceId).digest()
  return `en-us/${20 + (a % 75)}/${145 + (b % 35)}`
}

export function voiceView(entry: Voice, sampleUrl: string) {
  const { gender, age, accent, language, use_case } = entry
  return {
    voice_id: entry.voice_id,
    name: entry.name,
    samples: null,
    category: 'premade',
    fine_tuning: { is_allowed_to_fine_tune: false, state: {}, language: null },
    labels: { accent, gender, age, use_case, language },
    description: entry.description,
    preview_url: sampleUrl,
    available_for_tiers: [],
    settings: {
      stability: 0.5,
      similarity_boost: 0.8,
      style: 0,
      use_speaker_boost: true,
      speed: 1,
    },
    sharing: null,
    high_quality_base_model_ids: ['eleven_flash_v2_5', 'eleven_multilingual_v2'],
    verified_languages: [
      { language, model_id: 'eleven_flash_v2_5', accent, locale: null, preview_url: sampleUrl },
    ],
    collection_ids: [],
    safety_control: null,
    voice_verification: null,
    permission_on_resource: null,
    is_owner: false,
    is_legacy: false,
    is_mixed: false,
    created_at_unix: CREATED_AT_UNIX,
  }
}
