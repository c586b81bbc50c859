import { source } from "@relent/random"
import { type Tensor, tf, type Tree, within } from "@relent/tensor"
import { Effect, Option } from "effect"
import { describe, expect, it } from "vitest"
import {
  applyMlp,
  cosine,
  fit,
  fitTogether,
  initMlp,
  inputsOf,
  makeAdam,
  makeSgd,
  oneHotOf,
  type Player,
  separable,
  softmaxCrossEntropy,
  TrainingState,
  type TrainingTogether,
  TrainingInvalid,
} from "../src/index.ts"
import { on } from "./on.ts"
import { features, labels, training } from "./problem.ts"

type Pair = "small" | "large"
const hard = (logits: Tensor, { y }: Tree) => softmaxCrossEntropy(y!, logits)
const inputs: TrainingTogether<Pair>["inputs"] = (batch) => ({
  x: inputsOf(features, batch),
  y: oneHotOf(labels, 3, batch),
})
const net = (hidden: number, seed: number, loss: Player<Pair>["loss"], members = 2): Player<Pair> => {
  const shape = { widths: [4, hidden, 3], members, activation: "relu" } as const
  return {
    start: initMlp(shape, source({ seed, stream: "start" })),
    outputs: (tree, { x }) => applyMlp(shape, tree, x!),
    loss,
  }
}
/** Cross-entropy to the labels, and a tenth of the distance to the other. */
const near =
  (other: Pair): Player<Pair>["loss"] =>
  (own, all, given) =>
    tf.add(hard(own, given), tf.mul(tf.sum(tf.square(tf.sub(own, all[other])), -1), 0.1))
const pair = (more: Partial<TrainingTogether<Pair>> = {}): TrainingTogether<Pair> => ({
  ...training({ steps: 30, schedule: cosine }),
  players: { small: net(8, 1, near("large")), large: net(16, 2, near("small")) },
  inputs,
  update: "simultaneous",
  report: () => Effect.void,
  ...more,
})
const players = (small: Player<Pair>["loss"], large: Player<Pair>["loss"], members = 2) => ({
  small: net(8, 1, small, members),
  large: net(16, 2, large, members),
})

describe("networks trained together", () => {
  it.each(["simultaneous", "alternate"] as const)("%s: cut and resumed, give the same bytes", async (update) => {
    const saved = new Map<number, TrainingState>()
    const save = ({ step, state }: { readonly step: number; readonly state: TrainingState }) =>
      Effect.sync(() => void saved.set(step, state))
    const whole = await on(fitTogether(pair({ update, checkpoint: { load: Effect.succeedNone, save } })))
    expect([...saved.keys()]).toEqual([10, 20])
    const stored = Effect.orDie(TrainingState.decode(TrainingState.encode(saved.get(20)!)))
    const load = Effect.map(stored, (state) => Option.some({ step: 20, state }))
    const resumed = await on(fitTogether(pair({ update, checkpoint: { load, save: () => Effect.void } })))
    expect(resumed).toEqual(whole)
  })

  it.each(["simultaneous", "alternate"] as const)(
    "%s: one that doesn't look at the others trains as alone, bit for bit",
    async (update) => {
      const alone = (player: Player<Pair>) =>
        on(
          fit(
            training({
              steps: 30,
              schedule: cosine,
              start: player.start,
              objective: separable({ inputs, of: (tree, given) => hard(player.outputs(tree, given), given) }),
            }),
          ),
        )
      const blind = (own: Tensor, _: unknown, given: Tree) => hard(own, given)
      const given = players(near("large"), blind)
      const { parameters, optimizer } = await on(fitTogether(pair({ update, players: given })))
      const large = await alone(given.large)
      expect(within("large", parameters)).toEqual(large.parameters)
      expect(within("large", optimizer)).toEqual(large.optimizer)
      const small = await alone(given.small)
      expect(within("small", parameters)).not.toEqual(small.parameters)
    },
  )

  it("goes by the same parameters at once, or by what those before have become", async () => {
    // Two numbers that want to be each other, s = 0 and t = 1, by (s - t)^2 / 2 at rate 1/2.
    const number = (value: number, other: Pair): Player<Pair> => ({
      start: { value: { dtype: "float32", shape: [1, 1], values: Float32Array.of(value) } },
      outputs: ({ value }) => tf.tile(value!, [1, 2]),
      loss: (own, all) => tf.div(tf.square(tf.sub(own, all[other])), 2),
    })
    const after = async (update: "simultaneous" | "alternate") => {
      const given = { small: number(0, "large"), large: number(1, "small") }
      const once = { members: 1, batch: 2, steps: 1, learningRate: 0.5, optimizer: makeSgd() }
      const { parameters } = await on(fitTogether(pair({ ...once, update, players: given })))
      return [parameters["small/value"]!.values[0], parameters["large/value"]!.values[0]]
    }
    expect(await after("simultaneous")).toEqual([0.5, 0.5])
    expect(await after("alternate")).toEqual([0.5, 0.75])
  })

  it("leaks no gradient: a loss that is all the other's moves nothing", async () => {
    const other = (own: Tensor, all: { readonly large: Tensor }, given: Tree) =>
      tf.add(hard(all.large, given), tf.mul(tf.sum(own, -1), 0))
    const blind = (own: Tensor, _: unknown, given: Tree) => hard(own, given)
    const [moved, kept] = await Promise.all([
      on(fitTogether(pair({ steps: 3, players: players(other, blind) }))),
      on(fitTogether(pair({ steps: 3, players: players(near("large"), blind) }))),
    ])
    expect(within("small", moved.parameters)).toEqual(players(other, blind).small.start)
    expect(within("large", moved.parameters)).toEqual(within("large", kept.parameters))
  })

  it("keep apart what they share by accident: one start, one optimiser", async () => {
    const { small } = players(near("large"), near("small"))
    const still: Player<Pair> = { ...small, loss: (own) => tf.mul(tf.sum(own, -1), 0) }
    const given = pair({ steps: 5, optimizer: makeAdam(), players: { small, large: still } })
    const { parameters } = await on(fitTogether(given))
    expect(within("large", parameters)).toEqual(small.start)
    expect(within("small", parameters)).not.toEqual(small.start)
  })

  it("report the loss of each, and members train as they would alone", async () => {
    const reports: Array<readonly [number, number, number]> = []
    const run = (members: number) =>
      on(
        fitTogether(
          pair({
            members,
            players: players(near("large"), near("small"), members),
            report: ({ step, losses }) => Effect.sync(() => void reports.push([step, losses.small, losses.large])),
          }),
        ),
      )
    const [two, one] = [await run(2), await run(1)]
    expect(reports.map(([step]) => step)).toEqual([10, 20, 30, 10, 20, 30])
    for (const i of [1, 2] as const) expect(reports[2]![i]).toBeLessThan(reports[0]![i])
    for (const [path, { values }] of Object.entries(one.parameters))
      values.forEach((v, i) => expect(two.parameters[path]!.values[i]!).toBeCloseTo(v, 4))
  })

  it.each(["simultaneous", "alternate"] as const)(
    "%s: pieces of a batch give the gradient of the whole",
    async (update) => {
      const few = { update, steps: 10, optimizer: makeSgd({ momentum: 0.9 }) }
      const [whole, split] = [await on(fitTogether(pair(few))), await on(fitTogether(pair({ ...few, piece: 6 })))]
      for (const [path, { values }] of Object.entries(whole.parameters))
        values.forEach((v, i) => expect(split.parameters[path]!.values[i]!).toBeCloseTo(v, 4))
    },
  )

  it("stop where a report fails, and can't begin with too large a batch", async () => {
    const failed = await on(Effect.flip(fitTogether({ ...pair(), report: () => Effect.fail("no") } as never)))
    expect(failed).toBe("no")
    for (const sizes of [{ batch: 91 }, { piece: 7 }])
      expect(await on(Effect.flip(fitTogether(pair(sizes))))).toBeInstanceOf(TrainingInvalid)
  })
})
