/** Checkpoints by key: the private state of a training stage that was interrupted. */
import { rm } from "node:fs/promises"
import { join } from "node:path"
import { decodeTable, encodeTable, sha256 } from "@relent/arrow"
import type { Table } from "apache-arrow"
import { Effect } from "effect"
import type { StoreUnusable } from "./error.ts"
import { readWhole, writeWhole } from "./files.ts"

export interface StoredCheckpoint {
  readonly step: number
  /** Metrics emitted before it. */
  readonly rows: ReadonlyArray<Readonly<Record<string, unknown>>>
  readonly state: Table
}

const path = (root: string, key: string) => join(root, "checkpoints", `${key}.checkpoint`)

/** One file: the digest of the rest, a line of JSON, and the state as an Arrow file. */
export const saveCheckpoint = (
  root: string,
  key: string,
  checkpoint: StoredCheckpoint,
): Effect.Effect<void, StoreUnusable> => {
  const head = Buffer.from(`${JSON.stringify({ step: checkpoint.step, rows: checkpoint.rows })}\n`)
  const body = Buffer.concat([head, ...encodeTable(checkpoint.state)])
  return writeWhole(root, path(root, key), Buffer.concat([Buffer.from(`${sha256(body)}\n`), body]))
}

const decode = (bytes: Uint8Array): StoredCheckpoint | undefined => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const first = buffer.indexOf(10)
  const body = buffer.subarray(first + 1)
  if (first < 0 || sha256(body) !== buffer.toString("utf8", 0, first)) return undefined
  const end = body.indexOf(10)
  const { step, rows } = JSON.parse(body.toString("utf8", 0, end)) as Pick<StoredCheckpoint, "step" | "rows">
  if (!Number.isSafeInteger(step) || !Array.isArray(rows)) return undefined
  // A copy, since Arrow's arrays begin at multiples of eight bytes.
  return { step, rows, state: decodeTable(new Uint8Array(body.subarray(end + 1))) }
}

/** The checkpoint of a key; undefined where there is none, or one that isn't whole: then the stage starts over. */
export const loadCheckpoint = (root: string, key: string): Effect.Effect<StoredCheckpoint | undefined, StoreUnusable> =>
  Effect.map(readWhole(path(root, key)), (bytes) => {
    try {
      return bytes === undefined ? undefined : decode(bytes)
    } catch {
      return undefined // what it says was never a checkpoint
    }
  })

export const removeCheckpoint = (root: string, key: string): Effect.Effect<void> =>
  Effect.promise(() => rm(path(root, key), { force: true }).catch(() => {}))
