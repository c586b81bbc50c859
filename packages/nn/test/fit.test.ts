import { source } from "@relent/random"
import { Backend, Tensors, tf } from "@relent/tensor"
import { testBackend } from "@relent/tensor/testing"
import { Deferred, Effect, Fiber, Option } from "effect"
import { describe, expect, it } from "vitest"
import {
  averaged,
  type Batch,
  batches,
  clipped,
  cosine,
  coupled,
  fit,
  initMlp,
  LossCoupled,
  makeAdam,
  makeSgd,
  separable,
  stepsPerEpoch,
  type Training,
  TrainingDiverged,
  TrainingInvalid,
  TrainingState,
} from "../src/index.ts"
import { on } from "./on.ts"
import { objective, rows, shape, training } from "./problem.ts"

const failure = <A, E>(effect: Effect.Effect<A, E, Backend>) => on(Effect.flip(effect))
/** Checkpoints of a run, as they come back from the store. */
const checkpoints = async (given: Training) => {
  const saved = new Map<number, TrainingState>()
  const save: Training["checkpoint"]["save"] = ({ step, state }) => Effect.sync(() => void saved.set(step, state))
  const result = await on(fit({ ...given, checkpoint: { load: Effect.succeedNone, save } }))
  return { result, saved }
}
const from = (step: number, state: TrainingState) => ({
  load: Effect.map(Effect.orDie(TrainingState.decode(TrainingState.encode(state))), (state) =>
    Option.some({ step, state }),
  ),
  save: () => Effect.void,
})

describe("training", () => {
  it.each(["wasm", "cpu"] as const)("learns on %s, reports and leaves no tensor behind", async (name) => {
    const reports: Array<readonly [number, number, number]> = []
    const report: Training["report"] = ({ step, loss, losses }) =>
      Effect.sync(() => void reports.push([step, loss, losses.length]))
    await on(fit(training({ steps: 195, report })), Backend[name])
    expect(reports.map(([step]) => step)).toEqual([...Array.from({ length: 19 }, (_, i) => 10 * (i + 1)), 195])
    expect(reports.at(-1)![1]).toBeLessThan(reports[0]![1] / 4)
    expect(reports[0]![2]).toBe(2)
  })

  it.each([
    ["adam", makeAdam()],
    ["sgd", makeSgd()],
    ["clipped sgd with momentum, averaged", averaged(0.9, clipped(0.5, makeSgd({ momentum: 0.9 })))],
  ])("by %s, cut at a step and resumed, gives the same bytes", async (_, optimizer) => {
    const whole = training({ optimizer, schedule: cosine })
    const { result, saved } = await checkpoints(whole)
    expect([...saved.keys()]).toEqual([10, 20, 30, 40, 50])
    for (const step of [10, 50])
      expect(await on(fit({ ...whole, checkpoint: from(step, saved.get(step)!) }))).toEqual(result)
  })

  it("resumed at its last step gives the checkpoint", async () => {
    const { saved } = await checkpoints(training())
    const state = saved.get(50)!
    expect(await on(fit(training({ steps: 50, checkpoint: from(50, state) })))).toEqual(state)
  })

  it("interrupted, leaves no tensor behind", async () => {
    const before = Tensors.count()
    await Effect.runPromise(
      Effect.gen(function* () {
        const started = yield* Deferred.make<void>()
        const report = () => Effect.asVoid(Deferred.succeed(started, undefined))
        const fiber = yield* Effect.forkChild(fit(training({ steps: 1e6, report })))
        yield* Deferred.await(started)
        expect(Tensors.count()).toBeGreaterThan(before)
        yield* Fiber.interrupt(fiber)
      }).pipe(Effect.provide(testBackend)),
    )
    expect(Tensors.count()).toBe(before)
  })

  it("that leaves the finite numbers is a typed error, and saves nothing of it", async () => {
    const saved: Array<number> = []
    const checkpoint: Training["checkpoint"] = {
      load: Effect.succeedNone,
      save: ({ step }) => Effect.sync(() => void saved.push(step)),
    }
    const wild = training({ optimizer: makeSgd(), learningRate: 1e38, checkpoint })
    expect(await failure(fit(wild))).toEqual(new TrainingDiverged({ step: 10, what: "a loss" }))
    expect(saved).toEqual([])
    // The last update is looked at too: its loss was still finite.
    const last = await failure(fit(training({ optimizer: makeSgd(), learningRate: Infinity, steps: 1 })))
    expect(last.message).toMatch(/after step 1 parameter 'layers\/\d\/(weight|bias)' isn't finite/)
  })

  it("lets others have their turn in every step", async () => {
    let [turns, last] = [0, 0]
    const count = () => (turns++, setImmediate(() => last >= 0 && count()))
    count()
    await on(fit(training({ steps: 50, report: () => Effect.sync(() => (last = turns)) })))
    last = -1
    expect(turns).toBeGreaterThanOrEqual(50)
  })
})

describe("members", () => {
  it("start and see batches as they would alone", () => {
    const random = source({ seed: 1, stream: "fit" })
    const [five, one] = [initMlp(shape(5), random), initMlp(shape(1), random)]
    for (const [path, { values }] of Object.entries(one))
      expect(five[path]!.values.slice(0, values.length)).toEqual(values)
    const order = { examples: rows, batch: 20, random }
    const [many, alone] = [batches({ ...order, members: 5 }), batches({ ...order, members: 1 })]
    for (const step of [0, 3, 4, 17]) expect(many(step).rows.slice(0, 20)).toEqual(alone(step).rows)
    expect(many(0).rows.slice(0, 20)).not.toEqual(many(0).rows.slice(20, 40))
  })
  it("train as they would alone", async () => {
    const [together, alone] = [await on(fit(training({ members: 3 }))), await on(fit(training({ members: 1 })))]
    for (const [path, { values }] of Object.entries(alone.parameters))
      values.forEach((v, i) => expect(together.parameters[path]!.values[i]!).toBeCloseTo(v, 4))
    const { values } = together.parameters["layers/0/weight"]!
    expect(values.slice(0, 32)).not.toEqual(values.slice(32, 64))
  })
  it("go through all the data in each pass, in whole batches", () => {
    const order = { examples: 11, batch: 3, members: 1, random: source({ seed: 1, stream: "fit" }) }
    expect(stepsPerEpoch(order)).toBe(3)
    const at = batches(order)
    for (const epoch of [0, 1]) {
      const seen = [0, 1, 2].flatMap((i) => [...at(3 * epoch + i).rows])
      expect(new Set(seen).size).toBe(9)
    }
  })
})

describe("a batch in pieces", () => {
  const close = async (a: Training, b: Training) => {
    const [x, y] = [await on(fit(a)), await on(fit(b))]
    for (const [path, { values }] of Object.entries(x.parameters))
      values.forEach((v, i) => expect(y.parameters[path]!.values[i]!).toBeCloseTo(v, 4))
  }
  const few = { steps: 10, optimizer: makeSgd({ momentum: 0.9 }) }

  it("gives the gradient of the whole", () => close(training(few), training({ ...few, piece: 5 })))

  it("does so for weighted and masked rows: their mean is over what counts", async () => {
    const weights = ({ rows }: Batch) => Float32Array.from(rows, (row) => (row % 4 === 0 ? 0 : row % 3))
    const weighted = separable({ ...objective, weights })
    await close(training({ ...few, objective: weighted }), training({ ...few, objective: weighted, piece: 3 }))
    const picked = ({ rows }: Batch) => Float32Array.from(rows, (row) => Number(row < 45))
    const reports: Array<number> = []
    const report: Training["report"] = ({ loss }) => Effect.sync(() => void reports.push(loss))
    const once = { steps: 1, batch: 90, members: 1, report }
    await on(fit(training({ ...once, objective: separable({ ...objective, weights: picked }) })))
    await on(fit(training({ ...once, objective, examples: 45, batch: 45 })))
    expect(reports[0]).toBeCloseTo(reports[1]!, 5)
  })

  it("with all rows masked, moves nothing", async () => {
    const none = separable({ ...objective, weights: ({ rows }) => new Float32Array(rows.length) })
    const given = training({ steps: 3, objective: none, optimizer: makeSgd() })
    expect((await on(fit(given))).parameters).toEqual(given.start)
  })

  it("is refused for a loss that couples its rows", async () => {
    const spread = coupled({ ...objective, of: (tree, given) => tf.square(tf.mean(objective.of(tree, given), 1)) })
    const error = await failure(fit(training({ objective: spread, piece: 10 })))
    expect(error).toEqual(new LossCoupled({ batch: 30, piece: 10 }))
    expect((await on(fit(training({ objective: spread, steps: 2 })))).kind).toBe("training")
  })

  it.each([
    [{ batch: 91 }, "a batch of 91 can't be drawn from 90 examples"],
    [{ piece: 7 }, "a batch of 30 doesn't divide into pieces of 7"],
  ])("of impossible sizes is refused: %j", async (sizes, message) => {
    const error = await failure(fit(training(sizes)))
    expect(error).toBeInstanceOf(TrainingInvalid)
    expect(error.message).toBe(message)
  })
})
