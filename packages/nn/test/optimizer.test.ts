import { Names } from "@relent/named"
import { fromDevice, Owner, tf, toDevice } from "@relent/tensor"
import { Effect, Schema } from "effect"
import { describe, expect, it } from "vitest"
import {
  averaged,
  averageIn,
  clipByGlobalNorm,
  clipped,
  decayed,
  type Optimizer,
  optimizerParameter,
  optimizers,
} from "../src/index.ts"
import { on } from "./on.ts"

/** No registry is asked: the members of `nn` are always there. */
const find = (_: string, name: string) => Effect.fail(`'${name}' is no plugin's`)
const decode = (spelling: unknown): Promise<Optimizer> =>
  Effect.runPromise(
    Schema.decodeUnknownEffect(optimizerParameter)(spelling).pipe(
      Effect.map((named) => named.value),
      Effect.provideService(Names, { find }),
    ),
  )

/** One weight under these gradients, by the formulas of PyTorch's documentation in float64. */
type Reference = (w: number, gradients: ReadonlyArray<number>, rate: number) => ReadonlyArray<number>
const momentum =
  (mu: number, nesterov: boolean, decay: number): Reference =>
  (w, gradients, rate) => {
    let b: number | undefined
    return gradients.map((gradient) => {
      const g = gradient + decay * w
      b = b === undefined ? g : mu * b + g
      return (w -= rate * (nesterov ? g + mu * b : b))
    })
  }
const adaptive =
  (b1: number, b2: number, eps: number, decay: number): Reference =>
  (w, gradients, rate) => {
    let [m, v] = [0, 0]
    return gradients.map((g, i) => {
      w -= rate * decay * w
      m = b1 * m + (1 - b1) * g
      v = b2 * v + (1 - b2) * g * g
      return (w -= (rate * (m / (1 - b1 ** (i + 1)))) / (Math.sqrt(v / (1 - b2 ** (i + 1))) + eps))
    })
  }

/** Spellings of every member, with the reference of each. */
const references: { readonly [name: string]: ReadonlyArray<readonly [unknown, Reference]> } = {
  "nn/sgd": [
    ["sgd", momentum(0, false, 0)],
    [{ sgd: { momentum: 0.9 } }, momentum(0.9, false, 0)],
    [{ sgd: { momentum: 0.9, nesterov: true, weightDecay: 0.1 } }, momentum(0.9, true, 0.1)],
  ],
  "nn/adam": [
    ["adam", adaptive(0.9, 0.999, 1e-8, 0)],
    [{ adam: { beta1: 0.5, beta2: 0.9, epsilon: 0.1 } }, adaptive(0.5, 0.9, 0.1, 0)],
  ],
  "nn/adamw": [
    ["adamw", adaptive(0.9, 0.999, 1e-8, 0.01)],
    [{ adamw: { weightDecay: 0.5 } }, adaptive(0.9, 0.999, 1e-8, 0.5)],
  ],
}

/** The numbers of a step as scalars. */
const ratesOf = ({ rates }: Optimizer, step: number, learningRate: number) =>
  Object.fromEntries(Object.entries(rates({ step, learningRate })).map(([name, value]) => [name, tf.scalar(value)]))

/** The weights after each step; `cut` reads the state back and goes on from the copy. */
const walk = async (
  optimizer: Optimizer,
  start: ReadonlyArray<number>,
  gradients: ReadonlyArray<ReadonlyArray<number>>,
  { rate = 0.1, cut = -1 } = {},
) => {
  const owner = new Owner()
  const seen: Array<Array<number>> = []
  let now = owner.compute(() => {
    const parameters = { "a/w": tf.tensor2d([...start], [start.length, 1]) }
    return { parameters, state: optimizer.init(parameters) }
  })
  for (const [i, gradient] of gradients.entries()) {
    const next = owner.compute(() => {
      const g = { "a/w": tf.tensor2d([...gradient], [start.length, 1]) }
      const { parameters, state } = optimizer.update(now.parameters, g, now.state, ratesOf(optimizer, i + 1, rate))
      return { parameters: { "a/w": parameters["a/w"]! as tf.Tensor2D }, state }
    })
    now = next
    if (i === cut) {
      const [parameters, state] = [await fromDevice(now.parameters), await fromDevice(now.state)]
      now = owner.compute(() => ({ parameters: toDevice(parameters) as typeof now.parameters, state: toDevice(state) }))
    }
    seen.push([...(await now.parameters["a/w"].data())])
  }
  const average = [...((await averageIn(now.state)["a/w"]?.data()) ?? [])]
  owner.close()
  return { seen, average }
}
const walked = (...given: Parameters<typeof walk>) => on(Effect.promise(() => walk(...given)))

/** Members without a reference fail. */
const cases: ReadonlyArray<readonly [string, unknown, Reference | undefined]> = optimizers.flatMap(({ name }) =>
  (references[name] ?? [[name, undefined] as const]).map(
    ([spelling, reference]) => [name, spelling, reference] as const,
  ),
)

describe.each(cases)("%s as %j", (_, spelling, reference) => {
  const gradients = [0.5, -0.25, 1, 0, 3]

  it("takes the steps of its definition", async () => {
    const wanted = reference!(1, gradients, 0.1)
    const { seen } = await walked(
      await decode(spelling),
      [1],
      gradients.map((g) => [g]),
    )
    seen.forEach(([w], i) => expect(w).toBeCloseTo(wanted[i]!, 6))
  })
  it("moves each member by itself", async () => {
    const optimizer = await decode(spelling)
    const others = [0.3, 7, -2, 0.1, 0]
    const { seen: both } = await walked(
      optimizer,
      [1, -2],
      gradients.map((g, i) => [g, others[i]!]),
    )
    const { seen: first } = await walked(
      optimizer,
      [1],
      gradients.map((g) => [g]),
    )
    const { seen: second } = await walked(
      optimizer,
      [-2],
      others.map((g) => [g]),
    )
    expect(both).toEqual(first.map(([w], i) => [w, second[i]![0]]))
  })
  it("goes on from its state as if it had never stopped", async () => {
    const optimizer = await decode(spelling)
    const all = gradients.map((g) => [g, -g])
    expect(await walked(optimizer, [1, 2], all, { cut: 2 })).toEqual(await walked(optimizer, [1, 2], all))
  })
  it("finds the bottom of a bowl", async () => {
    const optimizer = await decode(spelling)
    const w = await on(
      Effect.promise(async () => {
        const owner = new Owner()
        let parameters = owner.compute(() => ({ w: tf.tensor2d([3, -1], [1, 2]) }))
        let state = owner.compute(() => ({ ...optimizer.init(parameters) }))
        for (let step = 1; step <= 300; step++) {
          const next = owner.compute(() => ({
            ...optimizer.update(
              parameters,
              { w: tf.sub(parameters.w, tf.tensor2d([0.5, 0], [1, 2])) },
              state,
              ratesOf(optimizer, step, 0.05),
            ),
          }))
          parameters = next.parameters as typeof parameters
          state = { ...next.state }
        }
        const found = [...(await parameters.w.data())]
        owner.close()
        return found
      }),
    )
    expect(Math.abs(w[0]! - 0.5)).toBeLessThan(0.2) // weight decay pulls it towards 0
    expect(Math.abs(w[1]!)).toBeLessThan(0.02)
  })
})

describe("an optimiser's parameters", () => {
  it.each([
    [{ sgd: { momentum: 1 } }, "momentum"],
    [{ adam: { epsilon: 0 } }, "epsilon"],
    [{ adamw: { weightDecay: -1 } }, "weightDecay"],
    [{ adam: { momentum: 0.9 } }, "momentum"],
    ["adamm", "unknown"],
  ])("%j is refused", async (spelling, part) => {
    await expect(decode(spelling)).rejects.toThrow(part)
  })
})

describe("clipping by global norm", () => {
  it("scales each member to the norm that it may have, over all its tensors", async () => {
    const [a, b] = await on(
      Effect.promise(async () => {
        const out = tf.tidy(() => {
          const gradients = { a: tf.tensor2d([3, 0.3, 0], [3, 1]), b: tf.tensor3d([4, 0.4, 0], [3, 1, 1]) }
          const { a, b } = clipByGlobalNorm(gradients, 1)
          return [a!, b!]
        })
        const read = await Promise.all(out.map(async (t) => [...(await t.data())]))
        tf.dispose(out)
        return read
      }),
    )
    // Norms 5, 0.5 and 0: only the first is too long.
    ;[0.6, 0.3, 0].forEach((v, i) => expect(a![i]).toBeCloseTo(v, 6))
    ;[0.8, 0.4, 0].forEach((v, i) => expect(b![i]).toBeCloseTo(v, 6))
  })
  it("comes before the step", async () => {
    const { seen } = await walked(clipped(1, await decode("sgd")), [0], [[10], [-0.5]])
    expect(seen.map(([w]) => w!.toFixed(4))).toEqual(["-0.1000", "-0.0500"])
  })
})

describe("weight decay in the gradient", () => {
  it("is that of SGD, with momentum too", async () => {
    const gradients = [[1], [-0.5], [0.25]]
    const own = await walked(await decode({ sgd: { momentum: 0.9, weightDecay: 0.3 } }), [2], gradients)
    const { seen } = await walked(decayed(0.3, await decode({ sgd: { momentum: 0.9 } })), [2], gradients)
    expect(seen).toEqual(own.seen)
  })
  it("passes through Adam's moments", async () => {
    const gradients = Array.from({ length: 100 }, (_, i) => Math.sin(i + 1))
    let w = 2
    let [m, v] = [0, 0]
    const wanted = gradients.map((gradient, i) => {
      const g = gradient + 0.3 * w
      m = 0.9 * m + 0.1 * g
      v = 0.999 * v + 0.001 * g * g
      return (w -= (0.1 * (m / (1 - 0.9 ** (i + 1)))) / (Math.sqrt(v / (1 - 0.999 ** (i + 1))) + 1e-8))
    })
    const { seen } = await walked(
      decayed(0.3, await decode("adam")),
      [2],
      gradients.map((g) => [g]),
    )
    seen.forEach(([found], i) => expect(found).toBeCloseTo(wanted[i]!, 5))
  })
})

describe("the moving average", () => {
  it("is decay a + (1 - decay) w, from the first weights", async () => {
    const { seen, average } = await walked(averaged(0.5, await decode("sgd")), [1], [[1], [2]])
    expect(seen.map(([w]) => w!.toFixed(4))).toEqual(["0.9000", "0.7000"])
    expect(average[0]).toBeCloseTo(0.5 * (0.5 * 1 + 0.5 * 0.9) + 0.5 * 0.7, 6)
  })
})
