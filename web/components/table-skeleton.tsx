import { Bone, Skeleton } from './skeleton.tsx'

const boneWidths = [40, 32, 48, 36, 44, 30, 38, 42] // In quarters of a rem: rows of real lists differ too.

/** Rows of a table's own height, so that nothing moves when the data comes. */
export const TableSkeleton = (props: { label: string }) => (
  <Skeleton label={props.label}>
    <div className="h-8 border-line border-b" />
    {boneWidths.map((width) => (
      <div key={width} className="flex h-10 items-center gap-8 border-line border-b px-4 md:px-6">
        <Bone style={{ width: `${width / 4}rem` }} />
        <Bone className="w-28 shrink-0" />
        <Bone className="ml-auto w-20" />
      </div>
    ))}
  </Skeleton>
)
