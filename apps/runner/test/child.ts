/** `relent run` as a process of its own, which can be killed without warning. */
import { spawn } from "node:child_process"
import { join } from "node:path"
import type { RunEvent } from "@relent/runtime"

const bin = join(import.meta.dirname, "../bin/relent.js")

export interface Ended {
  /** Null where it was killed. */
  readonly code: number | null
  readonly milliseconds: number
  readonly events: ReadonlyArray<RunEvent>
}

export interface Start {
  readonly store: string
  readonly cwd: string
  /** SIGKILL after so many event lines or milliseconds, if it comes that far. */
  readonly killAfter?: { readonly lines?: number; readonly milliseconds?: number } | undefined
}

/** The events of whole lines; a kill may cut the last one. */
export const eventsIn = (out: string): ReadonlyArray<RunEvent> =>
  out
    .slice(0, out.lastIndexOf("\n") + 1)
    .split("\n")
    .flatMap((line) => (line === "" ? [] : [JSON.parse(line) as RunEvent]))

/** Runs a pipeline with `--json`, to its end or until it is killed. */
export const start = (pipeline: string, { store, cwd, killAfter = {} }: Start) =>
  new Promise<Ended>((resolve) => {
    const begin = performance.now()
    const { lines = Infinity, milliseconds } = killAfter
    const child = spawn(process.execPath, [bin, "run", pipeline, "--json", "--store", store], { cwd })
    const kill = () => child.kill("SIGKILL")
    const timer = milliseconds === undefined ? undefined : setTimeout(kill, milliseconds)
    let out = ""
    child.stdout.on("data", (chunk) => {
      out += String(chunk)
      if (out.split("\n").length > lines) kill()
    })
    child.on("close", (code) => {
      clearTimeout(timer)
      resolve({ code, milliseconds: performance.now() - begin, events: eventsIn(out) })
    })
  })

/** Digest of every output, by step and port. */
export const digests = ({ events }: Ended) =>
  Object.fromEntries(
    events.flatMap((e) =>
      e._tag === "StepFinished" || e._tag === "StepCached"
        ? Object.entries(e.outputs).map(([port, o]) => [`${e.step}.${port}`, o.digest])
        : [],
    ),
  )

/** The steps that were computed. */
export const finished = ({ events }: Ended) => events.flatMap((e) => (e._tag === "StepFinished" ? [e.step] : []))
