import Link from 'next/link'
import type { ReactNode } from 'react'
import { classes } from '../lib/classes.ts'
import { Bone } from './skeleton.tsx'

type StatTileProps = {
  label: string
  value: ReactNode
  note?: ReactNode
  /** Where the figure is taken apart: the tile becomes a link. */
  href?: string
}

/** One figure with its name. What is not known is said in words by whoever gives the value, never as a zero. */
export function StatTile({ label, value, note, href }: StatTileProps) {
  const inside = (
    <>
      <span className="text-soft text-xs">{label} </span>
      <span className="mt-1 font-semibold text-lg tabular-nums">{value} </span>
      {note && <span className="mt-0.5 text-soft text-xs">{note}</span>}
    </>
  )
  const tileClass = 'flex h-full flex-col rounded-card border border-line bg-panel px-4 py-3'
  return (
    <li>
      {href ? (
        <Link
          href={href}
          className={classes(tileClass, 'transition-colors duration-120 hover:border-edge')}
        >
          {inside}
        </Link>
      ) : (
        <div className={tileClass}>{inside}</div>
      )}
    </li>
  )
}

// Six at most: two, three or six in a row leave no row half full.
const gridClass = 'grid grid-cols-2 gap-3 md:grid-cols-3 2xl:grid-cols-6'

export const StatTiles = (props: { label: string; children: ReactNode }) => (
  <ul aria-label={props.label} className={gridClass}>
    {props.children}
  </ul>
)

export const StatTileBones = ({ count }: { count: number }) => (
  <div className={gridClass}>
    {Array.from({ length: count }, (_, place) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: bones have no identity but their place.
      <div key={place} className="h-[5.75rem] rounded-card border border-line bg-panel px-4 py-4">
        <Bone className="w-20" />
        <Bone className="mt-3 h-4 w-16" />
      </div>
    ))}
  </div>
)
