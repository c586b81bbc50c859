/** Results by key: which tables a stage gave, and what its key was made of. */
import { join } from "node:path"
import { sha256 } from "@relent/arrow"
import { Effect, Schema } from "effect"
import { Digest, KeyPartsSchema, OutputsSchema } from "../manifest.ts"
import type { StoreUnusable } from "./error.ts"
import { readWhole, writeWhole } from "./files.ts"

export const ResultRecord = Schema.Struct({
  key: Digest,
  parts: KeyPartsSchema,
  outputs: OutputsSchema,
  milliseconds: Schema.Finite,
})
export type ResultRecord = typeof ResultRecord.Type

export const resultPath = (root: string, key: string) => join(root, "results", key.slice(0, 2), `${key}.json`)

/** The record and, on a line before it, its own digest: a damaged record is no record. */
const seal = (text: string) => `${sha256(text)}\n${text}`

export const writeResult = (root: string, record: ResultRecord): Effect.Effect<void, StoreUnusable> =>
  writeWhole(root, resultPath(root, record.key), seal(JSON.stringify(record)))

/** The record of a key; undefined where there is none, or one that isn't whole or not this key's. */
export const readResult = (root: string, key: string): Effect.Effect<ResultRecord | undefined, StoreUnusable> =>
  Effect.gen(function* () {
    const bytes = yield* readWhole(resultPath(root, key))
    const [digest, text] = bytes === undefined ? [] : bytes.toString().split("\n", 2)
    if (text === undefined || sha256(text) !== digest) return undefined
    const record = yield* Effect.result(Schema.decodeUnknownEffect(Schema.fromJsonString(ResultRecord))(text))
    return record._tag === "Success" && record.success.key === key ? record.success : undefined
  })
