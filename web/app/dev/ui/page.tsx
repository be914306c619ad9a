import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { readConfig } from '../../../lib/config.ts'
import { Gallery } from './gallery.tsx'

export const metadata: Metadata = { title: 'Components' }

/** Every component in every state, to be looked at and swept by axe. Absent from production unless asked for. */
export default function GalleryPage() {
  if (process.env.NODE_ENV === 'production' && !readConfig().showsGallery) notFound()
  return <Gallery />
}
