import { Effect } from "effect"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import {
  Backend,
  logSumExp,
  record,
  rowOperations,
  type Operand,
  type RowOperation,
  rowProgram,
  type RowProgram,
  type RowStep,
  type Tensor,
  Tensors,
  tf,
} from "../../src/index.ts"
import { on } from "../on.ts"
import { draws, many, number, once, property, size } from "./property.ts"

type Value = Tensor | number
const both = (of: (x: Value, y: Value) => Tensor) => (x: Value, y?: Value) => of(x, y!)
const single = (of: (x: Value) => Tensor) => (x: Value) => of(x)

/** The library's operations. Those that aren't here are tested by themselves. */
const parts: { readonly [name in RowOperation]?: (x: Value, y?: Value) => Tensor } = {
  add: both(tf.add),
  sub: both(tf.sub),
  mul: both(tf.mul),
  div: both(tf.div),
  sqrt: single(tf.sqrt),
  exp: single(tf.exp),
  expm1: single(tf.expm1),
  log: single(tf.log),
  log1p: single(tf.log1p),
  abs: single(tf.abs),
  sign: single(tf.sign),
  // Of a single number it is that, -0 too.
  logSumExp: single((x) => ((x as Tensor).shape.at(-1) === 1 ? (x as Tensor) : logSumExp(x as Tensor, true))),
}
const names = Object.keys(rowOperations) as ReadonlyArray<RowOperation>

const computed = (program: RowProgram, inputs: ReadonlyArray<Tensor>): Tensor =>
  rowProgram(program, inputs, () => {
    throw new Error("there is no kernel for programs")
  })

const alone = (operation: RowOperation): RowProgram => ({
  inputs: rowOperations[operation],
  steps: [{ operation, operands: [{ value: 0 }, { value: 1 }].slice(0, rowOperations[operation]) }],
})

/** The first operand of a program has whole rows. */
const byItself = (operation: RowOperation, x: Tensor, y?: Tensor): Tensor =>
  computed(alone(operation), y === undefined ? [x] : [tf.mul(x, tf.onesLike(y)), y])

/** Step by step, by the library's operations or programs of one step. */
const byParts = ({ steps }: RowProgram, given: ReadonlyArray<Tensor>): Tensor => {
  const values: Array<Tensor> = [...given]
  const constant = (x: number) => tf.mul(tf.ones([...given[0]!.shape.slice(0, -1), 1]), x)
  for (const { operation, operands } of steps) {
    const all = operands.map((operand) => (typeof operand === "number" ? constant(operand) : values[operand.value]!))
    const [x, y] = all as [Tensor, Tensor?]
    values.push(parts[operation]?.(x, y) ?? byItself(operation, x, y))
  }
  return values.at(-1)!
}

const steps = (inputs: number): fc.Arbitrary<ReadonlyArray<RowStep>> =>
  fc
    .array(
      fc.record({
        operation: fc.constantFrom(...names),
        operands: fc.array(fc.tuple(fc.nat(), fc.constantFrom(0, 1, -1, 0.5, 2, 100)), { minLength: 2, maxLength: 2 }),
      }),
      { minLength: 1, maxLength: 14 },
    )
    .map((all) =>
      all.map(({ operation, operands }, i) => {
        // The first operand is the value of something, the second one time in three a constant.
        const chosen = operands.map(([n, constant], which): Operand =>
          which === 1 && n % 3 === 0 ? constant : { value: n % (inputs + i) },
        )
        return { operation, operands: chosen.slice(0, rowOperations[operation]) }
      }),
    )

const cases = fc.integer({ min: 1, max: 4 }).chain((inputs) =>
  fc.record({
    program: steps(inputs).map((steps): RowProgram => ({ inputs, steps })),
    single: fc.array(fc.boolean(), { minLength: inputs, maxLength: inputs }),
    rows: fc.oneof(fc.constant(0), size(9)),
    length: size(40),
    seed: fc.nat(),
  }),
)

describe("programs of rows on wasm", () => {
  it(
    "give the bits of their steps",
    many,
    property(cases, async ({ program, single, rows, length, seed }) => {
      const [found, wanted] = tf.tidy(() => {
        const given = single.map((one, i) => {
          const width = one && i > 0 ? 1 : length
          return tf.tensor(draws(seed + i, rows * width, -3, 3), [rows, 1, width])
        })
        return [computed(program, given), byParts(program, given)]
      })
      expect(found.shape).toEqual(wanted.shape)
      expect(await found.data()).toEqual(await wanted.data())
      tf.dispose([found, wanted])
    }),
  )

  it(
    "sum up rows as precisely as float32 holds them",
    many,
    property(fc.record({ rows: size(9), length: size(3000), seed: fc.nat() }), async ({ rows, length, seed }) => {
      const values = draws(seed, rows * length)
      const y = tf.tidy(() =>
        computed({ inputs: 1, steps: [{ operation: "sum", operands: [{ value: 0 }] }] }, [
          tf.tensor(values, [rows, length]),
        ]),
      )
      const found = await y.data()
      y.dispose()
      for (let r = 0; r < rows; r++) {
        const row = [...values.subarray(r * length, (r + 1) * length)]
        const [exact, scale] = [row.reduce((a, b) => a + b, 0), row.reduce((a, b) => a + Math.abs(b), 0)]
        expect(Math.abs(found[r]! - exact)).toBeLessThanOrEqual(scale * 2 ** -22)
      }
    }),
  )

  const pairs = fc.array(fc.tuple(number("any"), number("any")), { minLength: 1, maxLength: 20 })
  it(
    "keep what is no number, where there is a larger one as well",
    many,
    property(pairs, async (pairs) => {
      const found = tf.tidy(() => {
        const [x, y] = [0, 1].map((i) => tf.tensor2d([pairs.map((pair) => pair[i]!)])) as [Tensor, Tensor]
        return [byItself("max", x, y), byItself("clip", x, y)]
      })
      const values = await Promise.all(found.map((tensor) => tensor.data()))
      tf.dispose(found)
      expect([...values[0]!]).toEqual(pairs.map(([x, y]) => Math.max(x, y)))
      expect([...values[1]!]).toEqual(pairs.map(([x, y]) => Math.max(Math.min(x, y), -y)))
    }),
  )

  it(
    "keep infinite numbers, and those that aren't any, in their rows",
    once(async () => {
      const program: RowProgram = {
        inputs: 1,
        steps: [
          { operation: "logSumExp", operands: [{ value: 0 }] },
          { operation: "sub", operands: [{ value: 0 }, { value: 1 }] },
          { operation: "exp", operands: [{ value: 2 }] },
          { operation: "clip", operands: [{ value: 3 }, 0.5] },
        ],
      }
      const rows = [
        [0, 0, 0, 0, 0],
        [-Infinity, 1, -Infinity, -Infinity, -Infinity],
        [NaN, 1, 2, 3, 4],
        [0, -Infinity, -Infinity, 0, -Infinity],
      ]
      const y = tf.tidy(() => computed(program, [tf.tensor2d(rows)]))
      const found = [...(await y.data())]
      y.dispose()
      const fifth = found[0]!
      expect(Math.abs(fifth - 0.2)).toBeLessThan(1e-7)
      expect(found).toEqual([...Array(5).fill(fifth), 0, 0.5, 0, 0, 0, ...Array(5).fill(NaN), 0.5, 0, 0, 0.5, 0])
    }),
  )

  it("keep their own constants in a recording, where they have the same steps", () =>
    on.wasm(
      Effect.gen(function* () {
        const { run } = yield* Backend
        const times = (x: Tensor, by: number) =>
          computed({ inputs: 1, steps: [{ operation: "mul", operands: [{ value: 0 }, by] }] }, [x])
        const twice = Effect.gen(function* () {
          const recording = yield* record({
            start: () => ({ x: tf.ones([2, 3]) }),
            steps: { grow: ({ x }) => ({ state: { x: times(times(x!, 2), 5) }, outputs: {} }) },
          })
          for (let i = 0; i < 3; i++) yield* recording.run("grow", {})
          return yield* recording.read
        })
        const { x } = yield* Tensors.leakFree(run(Effect.scoped(twice)))
        expect([...(x!.values as Float32Array)]).toEqual(Array(6).fill(1000))
      }),
    ))

  it(
    "are left to their parts where there is another shape or type, or a gradient is asked for",
    once(async () => {
      const program: RowProgram = { inputs: 2, steps: [{ operation: "add", operands: [{ value: 0 }, { value: 1 }] }] }
      const sums = tf.tidy(() => {
        const add = (x: Tensor, y: Tensor) => rowProgram(program, [x, y], () => tf.mul(tf.add(x, y), 10))
        return [
          add(tf.tensor2d([[1, 2]]), tf.tensor2d([[1], [2]])),
          add(tf.tensor2d([[1, 2]]), tf.tensor1d([1, 2])),
          tf.grad((x: Tensor) => tf.sum(add(x, x)))(tf.tensor2d([[1, 2]])),
          add(tf.tensor2d([[1, 2]]), tf.tensor2d([[1]])),
        ]
      })
      const found = await Promise.all(sums.map((sum) => sum.data()))
      tf.dispose(sums)
      expect(found.map((values) => [...values])).toEqual([
        [20, 30, 30, 40],
        [20, 40],
        [20, 20],
        [2, 3],
      ])
    }),
  )
})
