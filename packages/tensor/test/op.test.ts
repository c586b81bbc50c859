/** Every operation on the backend under test: value, gradient, gradient of the gradient, extremes, tensors left behind. */
import { tensorValue } from "@relent/arrow"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import {
  Backend,
  embedding,
  gelu,
  inverse,
  logSoftmax,
  logSumExp,
  maskedSoftmax,
  record,
  silu,
  softmaxCrossEntropy,
  sparseSoftmaxCrossEntropy,
  squaredDistances,
  type Tensor,
  Tensors,
  tf,
  transportHalfSteps,
} from "../src/index.ts"
import { forbidPromotion, testBackend } from "../src/testing.ts"
import { type Case, cases } from "./op-table.ts"

forbidPromotion()

/** What tensors hold that synchronous code gives; nothing may be left behind. */
const read = (f: () => ReadonlyArray<Tensor>): Promise<ReadonlyArray<ReadonlyArray<number>>> => {
  const work = Backend.use((backend) =>
    backend.run(
      Effect.promise(async () => {
        const out = tf.tidy(() => [...f()])
        const values = await Promise.all(out.map(async (t) => [...(await t.data())]))
        tf.dispose(out)
        return values
      }),
    ),
  )
  return Effect.runPromise(Effect.provide(Tensors.leakFree(work), testBackend))
}

type Rows = ReadonlyArray<ReadonlyArray<number>>

/** Weights that tell places apart. */
const weights = (size: number, seed: number) => Array.from({ length: size }, (_, i) => Math.sin(seed + 1.7 * i) + 0.3)
const dot = (x: ReadonlyArray<number>, y: ReadonlyArray<number>) => x.reduce((sum, v, i) => sum + v * y[i]!, 0)

const close = (found: Rows, wanted: Rows, tolerance: number) => {
  found.forEach((row, i) => {
    const size = Math.max(1, ...wanted[i]!.map(Math.abs))
    expect(row).toHaveLength(wanted[i]!.length)
    expect(Math.max(...row.map((v, j) => Math.abs(v - wanted[i]![j]!))) / size).toBeLessThan(tolerance)
  })
}

const prepared = ({ inputs, of, exact }: Case) => {
  const values = inputs.map((input) => input.values)
  const free = inputs.flatMap(({ fixed }, i) => (fixed === undefined ? [i] : []))
  const w = weights(exact(...values).length, 1)
  const along = values.map((row, i) => (free.includes(i) ? weights(row.length, i + 2) : row.map(() => 0)))
  const tensors = () => inputs.map(({ shape, values, fixed }) => tf.tensor([...values], [...shape], fixed ?? "float32"))
  /** All inputs, with other tensors for those that are free. */
  const given = (all: ReadonlyArray<Tensor>, ours: ReadonlyArray<Tensor>) =>
    all.map((t, i) => (free.includes(i) ? ours[free.indexOf(i)]! : t))
  const weighted = (all: ReadonlyArray<Tensor>) => {
    const y = of(...all)
    return tf.sum(tf.mul(y, tf.tensor(w, y.shape)))
  }
  const total = (rows: Rows) => dot(w, exact(...rows))
  /** Central differences of a function of the free inputs. */
  const differences = (f: (rows: Rows) => number, step: number) =>
    free.map((i) =>
      values[i]!.map((x, j) => {
        const at = (moved: number) => f(values.with(i, values[i]!.with(j, moved)))
        return (at(x + step) - at(x - step)) / (2 * step)
      }),
    )
  const moved = (rows: Rows, by: number) => rows.map((row, i) => row.map((x, j) => x + by * along[i]![j]!))
  return { values, free, along, tensors, given, weighted, total, differences, moved }
}

describe.each(cases.map((c) => [c.name, c] as const))("%s", (_, c) => {
  it("has the value of its formula", async () => {
    const { values, tensors } = prepared(c)
    close(await read(() => [c.of(...tensors())]), [c.exact(...values)], 5e-6)
  })
  it("has the gradient of its formula", async () => {
    const { free, tensors, given, weighted, total, differences } = prepared(c)
    const found = await read(() => {
      const all = tensors()
      return tf.grads((...ours) => weighted(given(all, ours)))(free.map((i) => all[i]!))
    })
    close(found, differences(total, 1e-5), 2e-5)
  })
  it("gives the same when it is replayed", async () => {
    const { free, given, weighted } = prepared(c)
    const inputs = Object.fromEntries(
      c.inputs.map(({ shape, values, fixed }, i) => [
        `in${i}`,
        fixed === "int32"
          ? tensorValue("int32", Int32Array.from(values), shape)
          : tensorValue("float32", Float32Array.from(values), shape),
      ]),
    )
    const work = Effect.gen(function* () {
      const recording = yield* record({
        start: () => ({ runs: tf.scalar(0) }),
        steps: {
          run: ({ runs }, tensors) => {
            const all = c.inputs.map((_, i) => tensors[`in${i}`]!)
            const slopes = tf.grads((...ours) => weighted(given(all, ours)))(free.map((i) => all[i]!))
            const outputs = { value: c.of(...all), ...Object.fromEntries(slopes.map((slope, i) => [`by${i}`, slope])) }
            return { state: { runs: tf.add(runs!, 1) }, outputs }
          },
        },
      })
      const values = recording.run("run", inputs).pipe(
        Effect.flatMap((tree) =>
          Effect.promise(async () => {
            const rows = await Promise.all(Object.values(tree).map(async (t) => [...(await t.data())]))
            tf.dispose(Object.values(tree))
            return rows
          }),
        ),
      )
      return [yield* values, yield* values] as const // the second run is a replay, where there is one
    })
    const [first, second] = await Effect.runPromise(
      Effect.provide(Tensors.leakFree(Backend.use((b) => b.run(Effect.scoped(work)))), testBackend),
    )
    close(second, first, 1e-6)
  })
  it("has the gradient of its gradient", async () => {
    const { free, along, tensors, given, weighted, total, differences, moved } = prepared(c)
    const found = await read(() => {
      const all = tensors()
      const slopes = tf.grads((...ours) => weighted(given(all, ours)))
      const inDirection = (...ours: ReadonlyArray<Tensor>) =>
        slopes([...ours])
          .map((slope, i) => {
            // 0 times the input as well: the library refuses a gradient of what doesn't depend on it
            const dependent = tf.add(slope, tf.mul(ours[i]!, 0))
            return tf.sum(tf.mul(dependent, tf.tensor(along[free[i]!]!, slope.shape)))
          })
          .reduce((sum, part) => tf.add(sum, part))
      return tf.grads(inDirection)(free.map((i) => all[i]!))
    })
    const step = 1e-3
    const slope = (rows: Rows) => (total(moved(rows, step)) - total(moved(rows, -step))) / (2 * step)
    close(found, differences(slope, step), 1e-4)
  })
})

describe("extremes", () => {
  const slope = (f: (x: Tensor) => Tensor, x: Tensor) => tf.grad((x) => tf.sum(f(x)))(x)
  it("log-softmax and log-sum-exp: far logits, and probabilities of 0", async () => {
    const [soft, total, gradient] = await read(() => {
      const z = tf.tensor2d([
        [1e4, 0, -1e4],
        [0, -Infinity, 0],
        [-Infinity, -Infinity, -Infinity],
      ])
      return [logSoftmax(tf.slice(z, [0, 0], [2, 3])), logSumExp(z), slope((z) => logSumExp(z), z)]
    })
    expect(soft!.map((v) => Math.fround(v))).toEqual(
      [0, -1e4, -2e4, -Math.LN2, -Infinity, -Math.LN2].map((v) => Math.fround(v)),
    )
    expect(total).toEqual([1e4, Math.LN2, -Infinity].map(Math.fround))
    expect(gradient).toEqual([1, 0, 0, 0.5, 0, 0.5, 0, 0, 0])
  })
  it("log-sum-exp of an infinite number is infinite", async () => {
    expect(await read(() => [logSumExp(tf.tensor1d([1, Infinity]))])).toEqual([[Infinity]])
  })
  it("half-steps of transport: points without mass, and nothing else", async () => {
    const found = await read(() => {
      const cost = tf.tensor2d([
        [1, 2],
        [3, Infinity],
        [0, 0],
      ])
      const [some, none] = [tf.tensor2d([[0], [-Infinity]]), tf.tensor2d([[-Infinity], [-Infinity]])]
      const rows = (h: Tensor) => (cost: Tensor) => transportHalfSteps(cost, 2).rows(h, 0.5)
      const columns = (cost: Tensor) => transportHalfSteps(cost, 2).columns(tf.tensor2d([[-Infinity], [0], [0]]), 0)
      return [
        rows(some)(cost),
        slope(rows(some), cost),
        rows(none)(cost),
        slope(rows(none), cost),
        slope(columns, cost),
      ]
    })
    const [p, q] = [1 / (1 + Math.exp(1.5)), 1 / (1 + Math.exp(-1.5))]
    const [first, gradient, nothing, zeros, byColumns] = found
    close(
      [first!, gradient!],
      [
        [0, 1, -0.5],
        [0.5, 0, 0.5, 0, 0.5, 0],
      ],
      1e-6,
    )
    expect(nothing).toEqual([Infinity, Infinity, Infinity])
    expect(zeros).toEqual([0, 0, 0, 0, 0, 0])
    close([byColumns!], [[0, 0, p / 2, 0, q / 2, 0.5]], 1e-6)
  })
  it("cross-entropies: a class that can't be costs nothing where it isn't the target", async () => {
    const z = () =>
      tf.tensor2d([
        [0, -Infinity, 0],
        [1e4, 0, -1e4],
      ])
    const found = await read(() => {
      const target = tf.tensor2d([
        [1, 0, 0],
        [0, 1, 0],
      ])
      const labels = tf.tensor1d([0, 1], "int32")
      return [
        softmaxCrossEntropy(z(), target),
        sparseSoftmaxCrossEntropy(z(), labels),
        slope((z) => softmaxCrossEntropy(z, target), z()),
        slope((z) => sparseSoftmaxCrossEntropy(z, labels), z()),
      ]
    })
    const [loss, gradient] = [
      [Math.fround(Math.LN2), 1e4],
      [-0.5, 0, 0.5, 1, -1, 0],
    ]
    close(found, [loss, loss, gradient, gradient], 1e-7)
  })
  it("masked softmax: a row that sees nothing is 0, and so is its gradient", async () => {
    const [y, gradient] = await read(() => {
      const [z, mask] = [
        tf.tensor2d([
          [3, 1e4],
          [5, -2],
        ]),
        tf.tensor2d([
          [1, 0],
          [0, 0],
        ]),
      ]
      return [
        maskedSoftmax(z, mask),
        slope(
          (z) =>
            tf.mul(
              maskedSoftmax(z, mask),
              tf.tensor2d([
                [1, 2],
                [3, 4],
              ]),
            ),
          z,
        ),
      ]
    })
    expect([y, gradient]).toEqual([
      [1, 0, 0, 0],
      [0, 0, 0, 0],
    ])
  })
  it("squared distances far from the origin are exact, and never below 0", async () => {
    const found = await read(() => {
      const x = tf.tensor2d([
        [4096, 4097],
        [4098, 4096],
      ])
      return [squaredDistances(x, x)]
    })
    expect(found).toEqual([[0, 5, 5, 0]])
  })
  it("an inverse of a matrix of scales a thousand apart keeps the digits that its condition leaves", async () => {
    const scales = [1000, 1, 0.001, 1]
    const [found] = await read(() => {
      const d = tf.tensor1d(scales)
      const a = tf.mul(tf.div(tf.add(tf.ones([4, 4]), tf.eye(4)), 2), tf.mul(tf.reshape(d, [4, 1]), d))
      return [inverse(a)]
    })
    // (I + 1 1') / 2 has the inverse 2 (I - 1 1' / 5)
    const exact = scales.flatMap((a, i) => scales.map((b, j) => (2 * ((i === j ? 1 : 0) - 0.2)) / (a * b)))
    found!.forEach((v, i) => expect(v / exact[i]!).toBeCloseTo(1, 5))
  })
  it("gelu and silu far from 0 are 0 or x, and so are their slopes, and theirs", async () => {
    const found = await read(() =>
      [gelu, silu].flatMap((f) => {
        const x = tf.tensor1d([-1e30, -300, 300, 1e30])
        return [f(x), slope(f, x), slope((x) => tf.grad((x) => tf.sum(f(x)))(x), x)]
      }),
    )
    const wanted = [
      [0, 0, 300, Math.fround(1e30)],
      [0, 0, 1, 1],
      [0, 0, 0, 0],
    ]
    close(found, [...wanted, ...wanted], 1e-30)
  })
  it("an embedding whose rows meet adds their gradients up", async () => {
    const found = await read(() => {
      const ids = tf.tensor1d([1, 1, 1], "int32")
      return [slope((table) => embedding(table, ids), tf.zeros([3, 2]))]
    })
    expect(found).toEqual([[0, 0, 3, 3, 0, 0]])
  })
  it("a gather outside of its rows says where", async () => {
    await read(() => {
      const rows = tf.zeros([3, 2])
      for (const outside of [3, -1])
        expect(() => tf.gather(rows, tf.tensor1d([0, outside], "int32"))).toThrow(
          `GatherV2: the index value ${outside} is not in [0, 2]`,
        )
      return []
    })
  })
  it("no gradient flows into a target that isn't asked for one", async () => {
    const found = await read(() => [
      tf.grad((p) => tf.sum(softmaxCrossEntropy(tf.tensor2d([[1, 2]]), p)))(tf.tensor2d([[0.5, 0.5]])),
    ])
    expect(found).toEqual([[0, 0]])
  })
})
