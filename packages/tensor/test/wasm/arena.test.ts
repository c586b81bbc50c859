import * as fc from "fast-check"
import { expect, it } from "vitest"
import { type Block, layOut } from "../../src/wasm/recorded/arena.ts"

const block = fc
  .record({ bytes: fc.integer({ min: 0, max: 200 }), from: fc.integer({ min: -1, max: 12 }), length: fc.nat(5) })
  .map(({ bytes, from, length }): Block => ({ bytes, from, to: from + length }))

const alive = (blocks: ReadonlyArray<Block>, call: number) =>
  blocks.map((one, i) => ({ ...one, i })).filter(({ from, to }) => from <= call && call <= to)

it("blocks that are needed at once lie apart, on vectors' boundaries, within the arena", () => {
  fc.assert(
    fc.property(fc.array(block, { maxLength: 25 }), (blocks) => {
      const { offsets, bytes } = layOut(blocks)
      for (const [i, { bytes: size }] of blocks.entries()) {
        expect(offsets[i]! % 16).toBe(0)
        expect(offsets[i]! + size).toBeLessThanOrEqual(bytes)
      }
      for (let call = -1; call < 20; call++) {
        const now = alive(blocks, call).toSorted((a, b) => offsets[a.i]! - offsets[b.i]! || a.bytes - b.bytes)
        for (const [k, { i, bytes: size }] of now.slice(0, -1).entries())
          expect(offsets[i]! + size).toBeLessThanOrEqual(offsets[now[k + 1]!.i]!)
      }
    }),
  )
})

it("those that come one after the other share their place", () => {
  const blocks = Array.from({ length: 10 }, (_, i) => ({ bytes: 100, from: i, to: i + 1 }))
  expect(layOut(blocks).bytes).toBe(224)
  expect(layOut([]).bytes).toBe(0)
})
