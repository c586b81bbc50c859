import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { layerNorm, tf } from "../../src/index.ts"
import { draws, many, property, size } from "./property.ts"
import { far, raw } from "./raw.ts"
import { type Row, total, ulp } from "./rows.ts"

const epsilon = 1e-3

/** Of rows one after the other in float64, with parameters for every `per` of them. */
const exact = (dy: Row, x: Row, scale: Row, offset: Row, [width, per]: readonly [number, number]) => {
  const [y, mean, rate, dx]: [Array<number>, Array<number>, Array<number>, Array<number>] = [[], [], [], []]
  const [byScale, byOffset] = [scale.map(() => 0), scale.map(() => 0)]
  for (let r = 0; r * width < x.length; r++) {
    const row = x.slice(r * width, (r + 1) * width)
    const at = Math.floor(r / per) * width
    const m = total(row) / width
    const f = 1 / Math.sqrt(total(row.map((v) => (v - m) ** 2)) / width + epsilon)
    const n = row.map((v) => (v - m) * f)
    const s = n.map((_, j) => dy[r * width + j]! * scale[at + j]!)
    const [shift, along] = [total(s) / width, total(s.map((v, j) => v * n[j]!)) / width]
    mean.push(m)
    rate.push(f)
    n.forEach((v, j) => {
      y.push(v * scale[at + j]! + offset[at + j]!)
      dx.push(f * (s[j]! - shift - v * along))
      byScale[at + j]! += dy[r * width + j]! * v
      byOffset[at + j]! += dy[r * width + j]!
    })
  }
  return { y, mean, rate, dx, byScale, byOffset }
}

const cases = fc.record({
  groups: fc.integer({ min: 1, max: 3 }),
  rows: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 60, max: 140 })),
  width: size(),
  shared: fc.boolean(),
  seed: fc.nat(),
})

describe("standardised rows on wasm", () => {
  it(
    "and their gradients are those in float64, anywhere in memory",
    many,
    property(cases, async ({ groups, rows, width, shared, seed }) => {
      fc.pre(groups * rows * width < 4000)
      const count = groups * rows
      const [x, dy] = [draws(seed, count * width), draws(seed + 1, count * width)]
      const own = shared ? 1 : groups
      const [scale, offset] = [draws(seed + 2, own * width), draws(seed + 3, own * width)]
      const [sets, per] = shared ? [1, count] : [groups, rows]
      const apart = shared ? 0 : width * 4
      const wanted = exact([...dy], [...x], [...scale], [...offset], [width, per])
      const { y, mean, rate } = raw(
        "layerNorm",
        { x, scale, offset, y: x.length, mean: count, rate: count },
        ["y", "mean", "rate"],
        (at) => [
          at["x"]!,
          at["scale"]!,
          at["offset"]!,
          apart,
          at["y"]!,
          at["mean"]!,
          at["rate"]!,
          sets,
          per,
          width,
          epsilon,
        ],
      )
      // A rate is at most 32, and enlarges the rounding of x and of its mean.
      expect(far(mean!, wanted.mean, 8 * ulp)).toEqual([])
      expect(
        far(
          rate!,
          wanted.rate,
          wanted.rate.map((f) => 8 * ulp * f * (1 + f)),
        ),
      ).toEqual([])
      const rough = (r: number) => 32 * ulp * (1 + wanted.rate[r]!) ** 2
      expect(
        far(
          y!,
          wanted.y,
          wanted.y.map((_, i) => rough(Math.floor(i / width))),
        ),
      ).toEqual([])
      const kept = { mean: Float32Array.from(wanted.mean), rate: Float32Array.from(wanted.rate) }
      const { dx } = raw("layerNormGrad", { dy, x, scale, ...kept, dx: x.length }, ["dx"], (at) => [
        at["dy"]!,
        at["x"]!,
        at["scale"]!,
        apart,
        at["mean"]!,
        at["rate"]!,
        at["dx"]!,
        sets,
        per,
        width,
      ])
      expect(
        far(
          dx!,
          wanted.dx,
          wanted.dx.map((_, i) => rough(Math.floor(i / width)) * (1 + wanted.rate[Math.floor(i / width)]!)),
        ),
      ).toEqual([])
      const from = (seed % width) & ~3
      const columns = raw(
        "layerNormColumns",
        { dy, x, ...kept, byScale: sets * width, byOffset: sets * width },
        ["byScale", "byOffset"],
        (at) => [
          at["dy"]!,
          at["x"]!,
          at["mean"]!,
          at["rate"]!,
          at["byScale"]!,
          at["byOffset"]!,
          sets,
          per,
          width,
          from,
          width,
        ],
      )
      const inPart = (_: unknown, i: number) => i % width >= from
      const roughest = 16 * ulp * per * (1 + Math.max(...wanted.rate)) ** 2
      expect(far(columns["byScale"]!.filter(inPart), wanted.byScale.filter(inPart), roughest)).toEqual([])
      expect(far(columns["byOffset"]!.filter(inPart), wanted.byOffset.filter(inPart), 4 * ulp * per)).toEqual([])
    }),
  )

  const shapes = fc.constantFrom<readonly [Row, Row, Row]>(
    [[5], [5], [5]],
    [[2, 5], [5], [1, 5]],
    [
      [2, 3, 5],
      [2, 1, 5],
      [2, 1, 5],
    ],
    [
      [2, 3, 1, 5],
      [2, 1, 1, 5],
      [2, 1, 1, 5],
    ],
    [
      [2, 3, 4, 5],
      [2, 3, 1, 5],
      [2, 3, 1, 5],
    ],
    [[2, 3, 5], [1, 3, 5], [5]], // left to the library
    [[2, 3, 5], [2, 1, 5], [5]],
    [[0, 3, 5], [5], [5]],
    [
      [0, 3, 5],
      [0, 1, 5],
      [0, 1, 5],
    ],
    [
      [2, 1, 5],
      [2, 1, 5],
      [2, 1, 5],
    ],
    [[3, 1], [1], [1]],
  )
  it(
    "whatever shapes the parameters have",
    many,
    property(fc.record({ shapes, seed: fc.nat() }), async ({ shapes: [shape, scales, offsets], seed }) => {
      const sizeOf = (shape: Row) => shape.reduce((n, d) => n * d, 1)
      const values = [shape, scales, offsets, shape].map((own, i) => draws(seed + i, sizeOf(own)))
      const tensors = () => [shape, scales, offsets, shape].map((own, i) => tf.tensor(values[i]!, [...own], "float32"))
      const whole = tf.tidy(() => tensors().map((t) => tf.add(t, tf.zeros([...shape]))))
      const [x, scale, offset, dy] = (await Promise.all(whole.map((t) => t.data()))).map((v) => [...v])
      tf.dispose(whole)
      const made = tf.tidy(() => {
        const [x, scale, offset, dy] = tensors()
        const f = (x: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor) => layerNorm(x, scale, offset, epsilon)
        return [f(x!, scale!, offset!), ...tf.grads(f)([x!, scale!, offset!], dy)]
      })
      const found = await Promise.all(made.map((t) => t.data()))
      expect(made.map((t) => t.shape)).toEqual([shape, shape, scales, offsets])
      tf.dispose(made)
      const wanted = exact(dy!, x!, scale!, offset!, [shape.at(-1)!, 1])
      const rough = 64 * ulp * (1 + Math.max(0, ...wanted.rate)) ** 3
      expect(far(found[0]!, wanted.y, rough)).toEqual([])
      expect(far(found[1]!, wanted.dx, rough)).toEqual([])
      // Of whole parameters: added up over what shares one.
      expect(total([...found[2]!])).toBeCloseTo(total(wanted.byScale), 2)
      expect(total([...found[3]!])).toBeCloseTo(total(wanted.byOffset), 2)
    }),
  )
})
