/** Many cases, in processes that are watched: none may hang, crash, or take more than its share. */
import { execFile } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { TargetName } from "./targets/index.ts"

/** Cases that ended so, by reader and ending: `file refused`. */
export type Outcomes = { readonly [outcome: string]: number }

export interface Finding {
  /** With its seed, the name of the case. */
  readonly index: number
  readonly what: string
}

export interface Found {
  readonly outcomes: Outcomes
  readonly findings: ReadonlyArray<Finding>
}

export interface Batch {
  readonly target: TargetName
  readonly seed: number
  readonly from: number
  readonly to: number
  /** A file for the cases and how they were read. */
  readonly keep?: string
}

/** No progress for so long means that nothing moves any more; a second of work is measured by the process itself. */
const patience = 20_000

export interface Ended {
  readonly out: string
  /** The case at which the process stopped before its end. */
  readonly stopped?: Finding
}

/** Runs a program that says in a file which case it is at. */
export const watched = (program: string, words: ReadonlyArray<string>, progress: string): Promise<Ended> =>
  new Promise((resolve) => {
    const at = () => {
      try {
        return readFileSync(progress).readUInt32LE(0)
      } catch {
        return -1 // It hasn't begun.
      }
    }
    let hung = false
    const child = execFile(program, words, { maxBuffer: 2 ** 28 }, (error, out, err) => {
      clearInterval(watch)
      const why = hung ? `nothing for ${patience / 1000} seconds` : `${err || error?.message}`.slice(-2000)
      resolve({ out, ...(error && { stopped: { index: at(), what: why } }) })
    })
    let last = { at: at(), since: performance.now() }
    const watch = setInterval(() => {
      if (at() !== last.at) last = { at: at(), since: performance.now() }
      else if (performance.now() - last.since > patience) {
        hung = true
        child.kill("SIGKILL")
      }
    }, 500)
  })

const sum = (a: Outcomes, b: Outcomes): Outcomes => {
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])].toSorted()
  return Object.fromEntries(keys.map((key) => [key, (a[key] ?? 0) + (b[key] ?? 0)]))
}

/** Memory of JavaScript's own, in MiB; what lies outside is measured case by case. */
const heap = 512
/** So many cases a process: code is warm, and one that ends early costs little. */
const atOnce = 5000

/** Fuzzes one target. A case that ends its process is a finding, and the rest goes on without it. */
export const fuzz = async ({ target, seed, from, to, keep }: Batch): Promise<Found> => {
  const folder = mkdtempSync(join(tmpdir(), "relent-fuzz-"))
  const progress = join(folder, "at")
  const child = join(import.meta.dirname, "child.ts")
  let found: Found = { outcomes: {}, findings: [] }
  const ranges: Array<readonly [number, number]> = []
  for (let next = from; next < to; next += atOnce) ranges.push([next, Math.min(to, next + atOnce)])
  for (let range = ranges.shift(); range !== undefined; range = ranges.shift()) {
    const [first, end] = range
    rmSync(progress, { force: true })
    const words = [`--max-old-space-size=${heap}`, child, target, `${seed}`, `${first}`, `${end}`, progress]
    const { out, stopped } = await watched(process.execPath, keep === undefined ? words : [...words, keep], progress)
    const part = stopped === undefined ? (JSON.parse(out) as Found) : { outcomes: {}, findings: [stopped] }
    found = { outcomes: sum(found.outcomes, part.outcomes), findings: [...found.findings, ...part.findings] }
    if (stopped === undefined) continue
    if (stopped.index < first) break // It doesn't even begin.
    if (stopped.index + 1 < end) ranges.unshift([stopped.index + 1, end])
    if (stopped.index > first) ranges.unshift([first, stopped.index])
  }
  rmSync(folder, { recursive: true })
  return found
}
