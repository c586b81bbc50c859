/** Places in one arena for blocks that are needed at different times. */

/** Needed from the call that makes it to the last that reads it, both included. */
export interface Block {
  readonly bytes: number
  readonly from: number
  readonly to: number
}

/** Addresses are multiples of a vector's length. */
const ALIGNMENT = 16
const aligned = (bytes: number) => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT

/**
 * Offsets of the blocks, and how large the arena is. The largest are placed first, each in the lowest gap among those that are needed while
 * it is.
 */
export const layOut = (
  blocks: ReadonlyArray<Block>,
): { readonly offsets: ReadonlyArray<number>; readonly bytes: number } => {
  const offsets: Array<number> = blocks.map(() => 0)
  const placed: Array<{ readonly block: Block; readonly start: number; readonly end: number }> = [] // by start
  let total = 0
  const order = blocks.map((_, i) => i).toSorted((a, b) => blocks[b]!.bytes - blocks[a]!.bytes || a - b)
  for (const i of order) {
    const block = blocks[i]!
    const size = aligned(block.bytes)
    let start = 0
    for (const other of placed) {
      if (other.block.from > block.to || other.block.to < block.from) continue
      if (start + size <= other.start) break
      start = Math.max(start, other.end)
    }
    offsets[i] = start
    const at = placed.findIndex((other) => other.start > start)
    placed.splice(at === -1 ? placed.length : at, 0, { block, start, end: start + size })
    total = Math.max(total, start + size)
  }
  return { offsets, bytes: total }
}
