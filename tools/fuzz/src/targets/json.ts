/** What a store holds as JSON (manifests, results, indices), and parameters of a stage. */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { encodeTable, rootOf, sha256 } from "@relent/arrow"
import { readTable } from "@relent/datasets/read-table"
import type { Manifest } from "@relent/runtime"
import type { Names } from "@relent/named"
import { Plugin, registry } from "@relent/stage"
import { Effect, Schema } from "effect"
import { all } from "../../../../packages/arrow/test/tables.ts"
import { readIndex } from "../../../../packages/runtime/src/store/objects.ts"
import { readResult, resultPath } from "../../../../packages/runtime/src/store/results.ts"
import { listManifests, manifestPath, readManifest, seal } from "../../../../packages/runtime/src/store/runs.ts"
import { plugin, scale } from "../../../../packages/stage/test/family.ts"
import type { Reading, Target } from "../target.ts"
import { damagedText } from "../text.ts"

const root = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "relent-fuzz-"))
process.on("exit", () => rmSync(root, { recursive: true, force: true }))

const digest = "0123456789abcdef".repeat(4)
const parts = {
  stage: "toy/scale",
  code: digest,
  parameters: { by: 2, options: { power: 1 }, reward: "toy/square" },
  named: { "reward toy/square": digest },
  inputs: { data: [digest] },
  sources: {},
  draws: { seed: 1, stream: "score" },
  numerics: "none",
}
const outputs = { score: { digest, rows: 1 } }
const manifest: Manifest = {
  version: 1,
  run: "2026-01-01-000000-abcd",
  pipeline: "toy",
  seed: 1,
  file: "toy.yaml",
  labels: { suite: "toy" },
  started: "2026-01-01T00:00:00.000Z",
  milliseconds: 12.5,
  status: "finished",
  steps: [
    {
      id: "score@by=2",
      stage: "toy/scale",
      key: digest,
      parts,
      status: "computed",
      milliseconds: 3,
      inputs: { data: [{ step: "data", port: "data" }] },
      at: { by: 2 },
      outputs,
    },
  ],
  outputs: { score: { step: "score@by=2", port: "score" } },
}
const encoding = encodeTable(all.arrow)
let piece = encoding.next()
while (piece.done !== true) piece = encoding.next()
const index = piece.value
const table = rootOf(index)

const values = [
  manifest,
  { key: digest, parts, outputs, milliseconds: 3 },
  index,
  parts.parameters,
  { path: "a.csv", columns: { id: "int32", x: "tensor float32[2, 3]" }, delimiter: ";", missing: ["NA"] },
]
const bases = values.flatMap((value) => [JSON.stringify(value), JSON.stringify(value, undefined, 1)])
const words = [
  Array.from('{}[],:"\\ \n\t-+.eE0'),
  Array.from("\0\ufeff\u2028\u{1f600}"),
  ["null", "true", "false", "{}", "[]", '""', "-0", "1e400", "-1", "1.5", "9007199254740993", "NaN", "Infinity"],
  ['"__proto__":', '"constructor":{"prototype":{"x":1}}', '"\\ud800"', '"\\u0000"', "/*", "//", "'", "../../x"],
].flat()

const put = (path: string, text: string) => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
/** A manifest whose own digest is right: what is within it is to be looked at. */
const sealed = (text: string) => seal(text.replace(/\s*\}\s*$/, ""))
const nothing: Reading = { refused: "there is none" }
const found = (value: unknown): Reading => (value === undefined ? nothing : { value: JSON.stringify(value) })

const parametersOf = (schema: Schema.Codec<any, any, Names>, text: string): Effect.Effect<Reading> =>
  Schema.decodeUnknownEffect(Schema.fromJsonString(schema))(text).pipe(
    Effect.map((value): Reading => ({ value: JSON.stringify(value) })),
    Effect.catch((error) => Effect.succeed<Reading>({ refused: error.message })),
    Effect.provide(registry([Plugin.entry(plugin)])),
  )

export const json: Target = {
  make: (draws) => damagedText(bases, words, draws),
  read: (bytes) => {
    const text = Buffer.from(bytes).toString()
    put(manifestPath(root, manifest.run), sealed(text))
    put(resultPath(root, digest), `${sha256(text)}\n${text}`)
    put(join(root, "objects", table.slice(0, 2), `${table}.json`), text)
    const program = Effect.gen(function* () {
      const run = yield* readManifest(root, manifest.run)
      const listed = yield* listManifests(root)
      if (listed.length !== (run === undefined ? 0 : 1)) return yield* Effect.die("a manifest is listed or it isn't")
      const pieces = yield* readIndex(root, table).pipe(
        Effect.map((read): Reading => (rootOf(read) === table ? found(read) : nothing)),
        Effect.catchTag("StoreCorrupt", (error) => Effect.succeed<Reading>({ refused: error.reason })),
      )
      return {
        manifest: found(run),
        result: found(yield* readResult(root, digest)),
        index: pieces,
        parameters: yield* parametersOf(scale.schema, text),
        file: yield* parametersOf(readTable.schema, text),
      }
    })
    return Effect.runPromise(Effect.orDie(program as Effect.Effect<Record<string, Reading>, Error>))
  },
}
