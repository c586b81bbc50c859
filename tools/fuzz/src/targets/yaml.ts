/** Pipeline documents: their shape alone, and read against stages; what was read is written and read again. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { isDeepStrictEqual } from "node:util"
import { Plugin, PipelineInvalid, read, readDocument, registry, toDocument, toYaml } from "@relent/stage"
import { Effect } from "effect"
import { plugin } from "../../../../packages/stage/test/family.ts"
import type { Reading, Target } from "../target.ts"
import { damagedText } from "../text.ts"

const sweep = `name: toy
seed: 3
stages:
  data:  {stage: toy/blobs, with: {rows: 4}}
  score: {stage: toy/scale, in: {data: data.data}, with: {by: 2, reward: toy/square}}
  all:   {collect: score.score}
over:
  score.with.by: [1, 2]
  score.with.options.power: [1, 3]
  seed: [7, 8]
`
const plain = `# Two arms.
name: toy two
description: "two: arms"
seed: -1
plugins: []
stages:
  left:
    stage: toy/blobs
    with: &w {rows: 4, features: 3}
    stream: both
  right: {stage: toy/blobs, with: *w, stream: both}
  first:
    stage: toy/take
    in: {table: right.data}
    with:
      rows: 2
  one: {stage: toy/scale, in: {data: first.table}, at: {arm: 1}}
  pair: {stage: toy/pair, in: {left: left.data, right: right.data, all: [one.score]}}
outputs:
  out: pair.score
`
const quick = readFileSync(join(import.meta.dirname, "../../../../plugins/distillation/pipelines/quick.yaml"), "utf8")
const bases = [sweep, plain, JSON.stringify({ name: "j", seed: 1, stages: { a: { stage: "toy/blobs" } } }), quick]

const words = [
  Array.from("{}[],:&*!|>-?#%@`'\"\n\t "),
  Array.from("\0\r\ufeff\u2028\u{1f600}"),
  ["- ", ": ", "\n  ", "  ", "&w ", "*w", "*left", "<<: ", "!!js ", "!!binary ", "!!set ", "---\n", "...\n"],
  ["null", "~", "true", "no", "0", "-0", "1e400", "-1", "0x1f", "0o7", ".nan", ".inf", "9007199254740993", "1_000"],
  ["__proto__", "constructor", "toString", "hasOwnProperty", "prototype", "seed", "with", "in", "at", "stage", "name"],
  ["collect", "over", "outputs", "data.data", "score.score", "toy/scale", "toy/take", "score.with.by", "..", "a.b"],
].flat()

const onlyInvalid = <A>(
  effect: Effect.Effect<A, PipelineInvalid>,
  value: (read: A) => string,
): Effect.Effect<Reading> =>
  effect.pipe(
    Effect.map((read): Reading => ({ value: value(read) })),
    Effect.catchTag("PipelineInvalid", (error) =>
      error.problems.length > 0 && error.problems.every(({ position }) => position !== undefined)
        ? Effect.succeed<Reading>({ refused: error.message })
        : Effect.die(`a problem without its place: ${error.message}`),
    ),
  )

export const yaml: Target = {
  make: (draws) => damagedText(bases, words, draws),
  read: (bytes) => {
    const text = Buffer.from(bytes).toString()
    const program = Effect.gen(function* () {
      const shape = yield* onlyInvalid(readDocument(text), (document) => JSON.stringify(document))
      const whole = Effect.gen(function* () {
        const { pipeline } = yield* read(text)
        const again = yield* Effect.orDie(read(toYaml(pipeline)))
        if (!isDeepStrictEqual(toDocument(again.pipeline), toDocument(pipeline)))
          return yield* Effect.die(`written and read again it is another:\n${toYaml(pipeline)}`)
        return toDocument(pipeline)
      })
      const stages = registry([Plugin.entry(plugin)])
      const document = yield* onlyInvalid(Effect.provide(whole, stages), (found) => JSON.stringify(found))
      return { shape, document }
    })
    return Effect.runPromise(program)
  },
}
