export type Side = 'bottom' | 'right'
type Box = { left: number; top: number; width: number; height: number }

const GAP_PX = 6
const EDGE_PX = 8 // Nothing floats closer to the window's edge than this.

/** Where a small box goes beside another one: on the wanted side, or opposite where there is no room, always inside the window. */
export function placeBeside(
  beside: Box,
  size: { width: number; height: number },
  view: { width: number; height: number },
  side: Side,
): { left: number; top: number } {
  if (side === 'right') {
    const after = beside.left + beside.width + GAP_PX
    const fits = after + size.width + EDGE_PX <= view.width
    return {
      left: fits ? after : beside.left - size.width - GAP_PX,
      top: within(beside.top + (beside.height - size.height) / 2, size.height, view.height),
    }
  }
  const below = beside.top + beside.height + GAP_PX
  const fits = below + size.height + EDGE_PX <= view.height
  return {
    left: within(beside.left + (beside.width - size.width) / 2, size.width, view.width),
    top: fits ? below : beside.top - size.height - GAP_PX,
  }
}

const within = (wanted: number, length: number, room: number): number =>
  Math.max(EDGE_PX, Math.min(wanted, room - length - EDGE_PX))
