/** What a crash may leave of a log of operations. */
import { dirname } from "node:path"
import type { Draws } from "@relent/random"
import type { Operation } from "./log.ts"

/** Bytes that a disk writes whole or not at all. */
const block = 512

/** Of what wasn't flushed half is written, a quarter is skipped and a quarter is garbage, as SQLite's own tests have it. */
const spoilt = (bytes: Uint8Array, draws: Draws): ReadonlyArray<readonly [at: number, bytes: Uint8Array]> => {
  const pieces: Array<readonly [number, Uint8Array]> = []
  for (let at = 0; at < bytes.length; at += block) {
    const piece = bytes.slice(at, at + block)
    const fate = draws.integer(4)
    if (fate === 0) continue
    if (fate === 1) for (let i = 0; i < piece.length; i++) piece[i] = draws.integer(256)
    pieces.push([at, piece])
  }
  return pieces
}

/**
 * The files that are there after a crash behind these operations, and the folders. What was flushed has happened; of the rest every
 * write is spoilt block by block, and every change of a folder (a file made, renamed or removed, a folder made) has happened or
 * hasn't, each by itself: a rename may come before the data.
 */
export const afterCrash = (log: ReadonlyArray<Operation>, draws: Draws) => {
  const flushed = (from: number, is: (operation: Operation) => boolean) => log.slice(from).some(is)
  const contents = new Map<number, Uint8Array>()
  const put = (file: number, at: number, bytes: Uint8Array) => {
    const before = contents.get(file) ?? new Uint8Array(0)
    const after = new Uint8Array(Math.max(before.length, at + bytes.length))
    after.set(before)
    after.set(bytes, at)
    contents.set(file, after)
  }
  /** As the running system sees it, and as it is on the disk. */
  const [seen, kept] = [new Map<string, number>(), new Map<string, number>()]
  const folders = new Set<string>(["."])
  for (const [i, operation] of log.entries()) {
    const happens = (folder: string) =>
      flushed(i, (o) => o.kind === "flush folder" && o.path === folder) || draws.integer(2) === 1
    if (operation.kind === "folder") {
      if (happens(dirname(operation.path))) folders.add(operation.path)
    } else if (operation.kind === "create") {
      seen.set(operation.path, operation.file)
      contents.set(operation.file, new Uint8Array(0))
      if (happens(dirname(operation.path))) kept.set(operation.path, operation.file)
    } else if (operation.kind === "write") {
      const { file, at, bytes } = operation
      const whole = flushed(i, (o) => o.kind === "flush file" && o.file === file)
      for (const [from, piece] of whole ? [[0, bytes] as const] : spoilt(bytes, draws)) put(file, at + from, piece)
    } else if (operation.kind === "rename") {
      const file = seen.get(operation.path)!
      seen.delete(operation.path)
      seen.set(operation.to, file)
      if (!happens(dirname(operation.to))) continue
      kept.delete(operation.path)
      kept.set(operation.to, file)
    } else if (operation.kind === "remove") {
      seen.delete(operation.path)
      if (happens(dirname(operation.path))) kept.delete(operation.path)
    }
  }
  const isThere = (path: string): boolean => path === "." || (folders.has(path) && isThere(dirname(path)))
  const files = [...kept].filter(([path]) => isThere(dirname(path)))
  return {
    folders: [...folders].filter((path) => path !== "." && isThere(path)),
    files: files.map(([path, file]) => [path, contents.get(file)!] as const),
  }
}
