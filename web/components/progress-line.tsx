/** A thin line on top of something that shows old data while new data comes. Takes no room. */
export function ProgressLine({ isActive }: { isActive: boolean }) {
  if (!isActive) return null
  return (
    <div aria-hidden className="appear-late absolute inset-x-0 top-0 z-10 h-0.5 overflow-hidden">
      <div className="h-full w-1/4 animate-progress rounded-full bg-brand" />
    </div>
  )
}
