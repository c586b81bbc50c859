/**
 * One training step of `self-distil`, 784-24-32-10, batch 100: USKD with a weak head on the 24 wide layer against cross-entropy,
 * in turns in one process; only the ratio means something.
 */
import { Column, TableSchema } from "@relent/arrow"
import { selfDistil } from "@relent/distillation/self-distil"
import { selfLosses } from "@relent/distillation/self-loss/index"
import { Names } from "@relent/named"
import { optimizers, schedules } from "@relent/nn"
import { source } from "@relent/random"
import type { AnyStage } from "@relent/stage"
import { Backend } from "@relent/tensor"
import { Effect, Layer, Schema } from "effect"

const [rows, every, rounds] = [2000, 100, 6]
const Images = TableSchema.make("bench/images", 1, {
  id: Column.int32,
  image: Column.tensor("uint8", [28, 28]),
  label: Column.int32,
})
const data = Images.make({
  id: Int32Array.from({ length: rows }, (_, i) => i),
  image: Uint8Array.from({ length: rows * 784 }, (_, i) => (i * 2654435761) >>> 24),
  label: Int32Array.from({ length: rows }, (_, i) => i % 10),
})
const members = [...selfLosses, ...optimizers, ...schedules]
const names = Layer.succeed(Names, {
  find: (kind, name) => Effect.succeed(members.find((member) => member.kind === kind && member.name === name)!),
})

/** ms a step, after the first `every`. */
const time = (loss: string) =>
  Effect.gen(function* () {
    const stage: AnyStage = selfDistil
    const given = { hidden: [24, 32], steps: 3 * every, every, loss }
    const parameters = yield* Schema.decodeUnknownEffect(stage.schema)(given)
    const times: Array<number> = []
    yield* stage.run({
      parameters,
      inputs: { data },
      random: source({ seed: 1, stream: "bench" }),
      emit: () => Effect.sync(() => void times.push(performance.now())),
      progress: () => Effect.void,
      warn: () => Effect.void,
      checkpoint: { load: Effect.succeedNone, save: () => Effect.void },
    })
    return (times.at(-1)! - times[0]!) / (2 * every)
  })

const best: Record<string, number> = { "cross-entropy": Number.POSITIVE_INFINITY, uskd: Number.POSITIVE_INFINITY }
const program = Effect.gen(function* () {
  for (let round = 0; round < rounds; round++)
    for (const loss of Object.keys(best)) best[loss] = Math.min(best[loss]!, yield* time(loss))
})
await Effect.runPromise(Effect.provide(program, Layer.merge(names, Backend.wasm)) as Effect.Effect<void>)
const [ce, uskd] = [best["cross-entropy"]!, best["uskd"]!]
console.log(
  `self-distil step: uskd ${uskd.toFixed(2)} ms, cross-entropy ${ce.toFixed(2)} ms, ratio ${(uskd / ce).toFixed(2)} (aim 1.3)`,
)
