/** Clerk's components in the console's colours; the variables follow the theme by themselves. */
export const clerkAppearance = {
  variables: {
    colorPrimary: 'var(--brand)',
    colorPrimaryForeground: 'var(--brand-ink)',
    colorBackground: 'var(--panel)',
    colorForeground: 'var(--ink)',
    colorMutedForeground: 'var(--soft)',
    colorMuted: 'var(--bg)',
    colorInput: 'var(--panel)',
    colorInputForeground: 'var(--ink)',
    colorNeutral: 'var(--ink)',
    colorBorder: 'var(--edge)',
    colorDanger: 'var(--bad)',
    colorSuccess: 'var(--ok)',
    colorWarning: 'var(--warn)',
    borderRadius: '6px',
    fontFamily: 'inherit',
    fontSize: '14px',
  },
}
