'use client'
import { useTranslations } from 'use-intl'
import type { Permission } from '#api/contract/permissions.ts'
import { keyPermissions } from '#contracts/api-keys'
import { Checkbox } from '../../components/checkbox.tsx'

/** What a program may do, by area; nothing is chosen until somebody does. */
export function PermissionPicker(props: {
  chosen: readonly Permission[]
  error: string | undefined
  onChange(permissions: Permission[]): void
}) {
  const t = useTranslations('settings.permissions')
  const { chosen, onChange } = props
  const toggle = (permission: Permission) =>
    onChange(
      chosen.includes(permission)
        ? chosen.filter((each) => each !== permission)
        : [...chosen, permission],
    )
  return (
    <fieldset>
      <legend className="mb-1 font-medium">{t('label')}</legend>
      <div className="rounded-control border border-edge px-3 py-2">
        {areas().map(({ area, permissions }) => (
          <div key={area} className="border-line border-b py-1.5 last:border-b-0">
            <p className="text-soft text-xs">
              {t.has(`areas.${area}` as 'label') ? t(`areas.${area}` as 'label') : area}
            </p>
            <div className="grid sm:grid-cols-2">
              {permissions.map((permission) => (
                <Checkbox
                  key={permission}
                  checked={chosen.includes(permission)}
                  onChange={() => toggle(permission)}
                  label={<VerbOf permission={permission} />}
                />
              ))}
            </div>
          </div>
        ))}
      </div>
      {props.error && <p className="mt-1 text-bad text-xs">{props.error}</p>}
    </fieldset>
  )
}

function VerbOf({ permission }: { permission: Permission }) {
  const t = useTranslations('settings.permissions.verbs')
  const verb = permission.split('.')[1] ?? permission
  return <>{t.has(verb as 'read') ? t(verb as 'read') : permission}</>
}

/** `calls.read-organization`, `calls.listen` → the area `calls` with both. */
function areas(): { area: string; permissions: Permission[] }[] {
  const found = new Map<string, Permission[]>()
  for (const permission of keyPermissions) {
    const [area = ''] = permission.split('.')
    found.set(area, [...(found.get(area) ?? []), permission])
  }
  return [...found].map(([area, permissions]) => ({
    area,
    permissions: permissions.sort(readFirst),
  }))
}

const readFirst = (a: Permission, b: Permission): number =>
  Number(b.includes('.read')) - Number(a.includes('.read'))
