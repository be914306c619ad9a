'use client'
import { useState } from 'react'
import { Controller } from 'react-hook-form'
import { useTranslations } from 'use-intl'
import { agentLanguages, DEFAULT_VOICE_ID } from '#api/contract/agent-spec.ts'
import { listVoices } from '#contracts/agents'
import { FilterMenu } from '../../components/filter-menu.tsx'
import { GrowingList } from '../../components/growing-list.tsx'
import { SearchField } from '../../components/search-field.tsx'
import { useEndpointPages } from '../../lib/api/use-endpoint.tsx'
import { classes } from '../../lib/classes.ts'
import type { Voice } from './agent-types.ts'
import { Part, useEditor } from './editor-context.tsx'
import { useLanguageName } from './use-language-name.ts'
import { useVoiceName } from './use-voice-name.ts'
import { VoiceSample } from './voice-sample.tsx'

const genders = ['female', 'male', 'neutral'] as const

/** The voice that is chosen, and those there are, each with a sample where ElevenLabs has one. */
export function VoiceTab() {
  const { form, isReadOnly } = useEditor()
  return (
    <Controller
      control={form.control}
      name="spec.voiceId"
      render={({ field }) => (
        <Voices
          voiceId={field.value ?? DEFAULT_VOICE_ID}
          isReadOnly={isReadOnly}
          onChange={field.onChange}
        />
      )}
    />
  )
}

function Voices(props: { voiceId: string; isReadOnly: boolean; onChange(voiceId: string): void }) {
  const t = useTranslations('agents.voice')
  const voiceName = useVoiceName()
  const languageName = useLanguageName()
  const { form } = useEditor()
  const [search, setSearch] = useState('')
  const [gender, setGender] = useState<(typeof genders)[number] | null>(null)
  // Voices of the agent's own language first of all.
  const [language, setLanguage] = useState<string | null>(form.getValues('spec.language') ?? null)
  const list = useEndpointPages(listVoices, {
    query: {
      ...(search && { search }),
      ...(gender && { gender }),
      ...(language && { language }),
    },
  })
  return (
    <div className="space-y-6">
      <Part title={t('chosen')}>
        <p className="font-medium">{voiceName(props.voiceId)}</p>
      </Part>
      <Part title={t('all')} hint={t('allHint')}>
        <div className="flex flex-wrap items-center gap-2">
          <SearchField
            label={t('search')}
            value={search}
            onChange={setSearch}
            className="w-56 max-sm:grow"
          />
          <FilterMenu
            label={t('language')}
            anyLabel={t('anyLanguage')}
            value={language}
            options={agentLanguages.map((value) => ({ value, label: languageName(value) }))}
            onChange={setLanguage}
          />
          <FilterMenu
            label={t('gender')}
            anyLabel={t('anyGender')}
            value={gender}
            options={genders.map((value) => ({ value, label: t(`genders.${value}`) }))}
            onChange={(value) => setGender(value)}
          />
        </div>
        <div className="-mx-4 md:-mx-6">
          <GrowingList
            list={list}
            loading={t('loading')}
            failed={t('failed')}
            end={t('allShown')}
            empty={<p className="px-4 py-4 text-soft md:px-6">{t('noneMatch')}</p>}
          >
            {(voices) => <VoiceList {...props} voices={voices} />}
          </GrowingList>
        </div>
      </Part>
    </div>
  )
}

function VoiceList(props: {
  voices: readonly Voice[]
  voiceId: string
  isReadOnly: boolean
  onChange(voiceId: string): void
}) {
  const t = useTranslations('agents.voice')
  return (
    <fieldset className="mx-4 md:mx-6">
      <legend className="sr-only">{t('all')}</legend>
      <div className="grid gap-2 sm:grid-cols-2">
        {props.voices.map((voice) => (
          <VoiceCard
            key={voice.voiceId}
            voice={voice}
            isChosen={voice.voiceId === props.voiceId}
            isReadOnly={props.isReadOnly}
            onChoose={() => props.onChange(voice.voiceId)}
          />
        ))}
      </div>
    </fieldset>
  )
}

function VoiceCard(props: {
  voice: Voice
  isChosen: boolean
  /** Its sample can be heard all the same. */
  isReadOnly: boolean
  onChoose(): void
}) {
  const languageName = useLanguageName()
  const { voice, isChosen } = props
  const id = `voice-${voice.voiceId}`
  const facts = [
    voice.language && languageName(voice.language),
    voice.accent,
    voice.gender,
    voice.age?.replaceAll('_', ' '),
    voice.useCase?.replaceAll('_', ' '),
  ].filter(Boolean)
  return (
    <div
      className={classes(
        'relative flex items-start gap-2.5 rounded-card border px-3 py-2 has-[input:focus-visible]:outline-2 has-[input:focus-visible]:outline-brand',
        isChosen ? 'border-brand bg-brand/6' : 'border-edge',
      )}
    >
      <input
        type="radio"
        id={id}
        name="agent-voice"
        checked={isChosen}
        disabled={props.isReadOnly}
        onChange={props.onChoose}
        aria-describedby={`${id}-facts`}
        className="mt-0.5 size-4 shrink-0 accent-brand outline-none"
      />
      <span className="min-w-0 grow">
        {/* The whole card is the label's target. */}
        <label htmlFor={id} className="font-medium after:absolute after:inset-0">
          {voice.name}
        </label>
        <span id={`${id}-facts`} className="block text-soft text-xs">
          {voice.description && <span className="block">{voice.description}</span>}
          {facts.join(' · ')}
        </span>
      </span>
      <VoiceSample voice={voice} />
    </div>
  )
}
