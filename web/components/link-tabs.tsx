import Link from 'next/link'
import { classes } from '../lib/classes.ts'

/** Parts of one screen, each with an address of its own. */
export const LinkTabs = (props: {
  label: string
  tabs: readonly { key: string; label: string; href: string }[]
  currentKey: string
  className?: string
}) => (
  <nav aria-label={props.label} className={props.className}>
    <ul className="flex gap-4 overflow-x-auto border-line border-b">
      {props.tabs.map((tab) => {
        const isHere = tab.key === props.currentKey
        return (
          <li key={tab.key} className="-mb-px">
            <Link
              href={tab.href}
              {...(isHere && { 'aria-current': 'page' })}
              className={classes(
                'flex h-10 items-center whitespace-nowrap border-b-2 font-medium focus-visible:-outline-offset-2',
                isHere ? 'border-brand text-ink' : 'border-transparent text-soft hover:text-ink',
              )}
            >
              {tab.label}
            </Link>
          </li>
        )
      })}
    </ul>
  </nav>
)
