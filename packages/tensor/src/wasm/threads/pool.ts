/**
 * Threads that share a kernel's outputs between them. They are started by the first work that is worth it, and end with the process. One that
 * the machine has no processor for isn't waited for: its share is done here.
 */
import { Worker } from "node:worker_threads"
import type { Exports } from "../exports.ts"
import { ARGUMENTS, before, changed, type Names, NOT_YET, type Shared, Slot, take } from "./protocol.ts"

/** A kernel, and what it is given. */
export type Call = { readonly [name in keyof Exports]: readonly [name, ...Parameters<Exports[name]>] }[keyof Exports]

/** Makes a call that can be made again and again. */
export const callOf = (kernels: Exports, [name, ...given]: Call): (() => void) => {
  const kernel = kernels[name] as (...given: ReadonlyArray<number | boolean>) => void
  return () => kernel(...given)
}

export interface Pool {
  /** How many other threads have come up. */
  readonly waiting: () => number
  /** Makes one call out of several that write to different places. */
  readonly together: (calls: ReadonlyArray<Call>) => () => void
}

const file = new URL(import.meta.url.endsWith(".ts") ? "./worker.ts" : "./worker.js", import.meta.url)

/** This thread and `threads - 1` more. */
export const poolOf = (
  threads: number,
  { module, memory }: Pick<Shared, "module" | "memory">,
  kernels: Exports,
): Pool => {
  const others = threads - 1
  const names = Object.keys(kernels) as unknown as Names
  const slots = new Int32Array(new SharedArrayBuffer(others * Slot.length * Int32Array.BYTES_PER_ELEMENT))
  const given = new Float64Array(new SharedArrayBuffer(others * ARGUMENTS * Float64Array.BYTES_PER_ELEMENT))
  let started = false
  const start = () => {
    started = true
    for (let thread = 0; thread < others; thread++) {
      slots[thread * Slot.length + Slot.done] = NOT_YET
      const shared: Shared = { module, memory, names, slots, given, thread }
      // One that can't start never waits, and its share is done here.
      new Worker(file, { workerData: shared, execArgv: [] }).on("error", () => {}).unref()
    }
  }
  const waits = (thread: number) => started && Atomics.load(slots, thread * Slot.length + Slot.done) !== NOT_YET
  /** Takes back what a thread was asked, unless it has begun. */
  const takesBack = (slot: number) => {
    const task = slots[slot + Slot.asked]!
    const taken = take(slots, slot, task)
    if (taken) Atomics.store(slots, slot + Slot.done, task)
    return taken
  }
  return {
    waiting: () => Array.from({ length: others }, (_, thread) => thread).filter(waits).length,
    together: (calls) => {
      const tasks = calls.map((call) => {
        const [name, ...values] = call
        return { number: names.indexOf(name), values: Float64Array.from(values, Number), here: callOf(kernels, call) }
      })
      const [first, ...rest] = tasks
      return () => {
        if (!started) start()
        const asked: Array<number> = []
        for (const [thread, { number, values }] of rest.entries()) {
          if (!waits(thread)) break
          const slot = thread * Slot.length
          given.set(values, thread * ARGUMENTS)
          slots[slot + Slot.kernel] = number
          slots[slot + Slot.count] = values.length
          Atomics.add(slots, slot + Slot.asked, 1)
          Atomics.notify(slots, slot + Slot.asked)
          asked.push(slot)
        }
        try {
          first!.here()
          for (const { here } of rest.slice(asked.length)) here()
          for (const [i, slot] of asked.entries()) if (takesBack(slot)) rest[i]!.here()
        } finally {
          // Whatever happened here: no thread writes to the heap after the call.
          for (const slot of asked)
            if (!takesBack(slot)) changed(slots, slot + Slot.done, before(slots[slot + Slot.asked]!))
        }
        for (const [i, slot] of asked.entries()) {
          if (slots[slot + Slot.failed] === 0) continue
          slots[slot + Slot.failed] = 0
          rest[i]!.here()
        }
      }
    },
  }
}
