/**
 * `node differential.ts arrow|safetensors SEED COUNT [FROM]`: damaged files through relent's readers and Python's. Both read the same, or both refuse,
 * but for what relent refuses on purpose (`stricter.ts`). Prints how many cases ended how, and each that shouldn't have.
 */
import { existsSync, mkdtempSync, openSync, readSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Finding, fuzz, type Reading, type Readings, type TargetName, watched } from "@relent/fuzz"
import { python } from "./environment.ts"
import { laxer, stricter } from "./stricter.ts"

const root = join(import.meta.dirname, "..")

interface Theirs {
  readonly case: number
  readonly how: string
  readonly value?: string
  readonly refused?: string
  /** What was read, where it isn't what relent read. */
  readonly text?: string
}

/** How relent read each case of a batch. */
const oursIn = (path: string): ReadonlyMap<number, Readings> => {
  const file = openSync(path, "r")
  const take = (length: number) => {
    const bytes = Buffer.alloc(length)
    return readSync(file, bytes) === length ? bytes : undefined
  }
  const all = new Map<number, Readings>()
  for (let head = take(8); head !== undefined; head = take(8)) {
    take(head.readUInt32LE(4))
    all.set(head.readUInt32LE(0), JSON.parse(take(take(4)!.readUInt32LE(0))!.toString()) as Readings)
  }
  return all
}

export type Outcomes = { readonly [ending: string]: number }

/** How a case ended, by both; a difference is told. */
const judge = (ours: Reading, theirs: Theirs): { readonly ending: string; readonly difference?: string } => {
  if ("value" in ours) {
    if (theirs.value === ours.value) return { ending: "both read the same" }
    const reason = laxer.find(([, message]) => message.test(theirs.refused ?? ""))
    if (reason !== undefined) return { ending: `relent is laxer: ${reason[0]}` }
    return theirs.value === undefined
      ? { ending: "only relent reads", difference: `Python refuses: ${theirs.refused}` }
      : { ending: "both read, but not the same", difference: `Python reads\n${theirs.text}` }
  }
  if (theirs.value === undefined) return { ending: "both refuse" }
  const reason = stricter.find(([, message]) => message.test(ours.refused))
  return reason === undefined
    ? { ending: "only Python reads", difference: `relent refuses: ${ours.refused}` }
    : { ending: `relent is stricter: ${reason[0]}` }
}

/** How Python reads the cases of a batch. Where it crashes, as pyarrow does on some, it goes on with the next. */
const theirsOf = async (interpreter: string, keep: string, progress: string) => {
  const outs: Array<string> = []
  let [first, crashes] = [0, 0]
  for (;;) {
    const words = [join(root, "python/fuzz.py"), keep, progress, String(first)]
    const { out, stopped } = await watched(interpreter, words, progress)
    outs.push(out)
    if (stopped === undefined) return { out: outs.join(""), crashes }
    if (stopped.index < first) throw new Error(`Python doesn't begin: ${stopped.what}`)
    first = stopped.index + 1
    crashes++
  }
}

/** So many cases are kept in a file at a time. */
const atOnce = 5000

export const differential = async (target: TargetName, seed: number, from: number, to: number) => {
  const interpreter = python(root)
  const work = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "relent-differential-"))
  const [keep, progress] = [join(work, "cases"), join(work, "at")]
  const outcomes: Record<string, number> = {}
  const findings: Array<Finding> = []
  for (let next = from; next < to; next += atOnce) {
    for (const path of [keep, progress]) rmSync(path, { force: true })
    const found = await fuzz({ target, seed, from: next, to: Math.min(to, next + atOnce), keep })
    findings.push(...found.findings)
    const { out, crashes } = await theirsOf(interpreter, keep, progress)
    if (crashes > 0) outcomes["Python crashes"] = (outcomes["Python crashes"] ?? 0) + crashes
    const ours = oursIn(keep)
    for (const line of out.split("\n").filter(Boolean)) {
      const theirs = JSON.parse(line) as Theirs
      const { ending, difference } = judge(ours.get(theirs.case)![theirs.how]!, theirs)
      const key = `${theirs.how}: ${ending}`
      outcomes[key] = (outcomes[key] ?? 0) + 1
      if (difference !== undefined) findings.push({ index: theirs.case, what: `${key}: ${difference}` })
    }
  }
  rmSync(work, { recursive: true })
  return { outcomes: outcomes as Outcomes, findings: findings as ReadonlyArray<Finding> }
}

if (import.meta.main) {
  const [target = "arrow", seed = "1", count = "1000", from = "0"] = process.argv.slice(2)
  const range = [Number(from), Number(from) + Number(count)] as const
  const { outcomes, findings } = await differential(target as TargetName, Number(seed), ...range)
  for (const { index, what } of findings) console.log(`case ${index} of seed ${seed}, ${what}`)
  console.log(JSON.stringify(outcomes, undefined, 1))
  process.exitCode = findings.length > 0 ? 1 : 0
}
