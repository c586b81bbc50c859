/** What the threads of the pool share besides the heap. */
import type { Exports } from "../exports.ts"
import type { Memory, Module } from "../webassembly.ts"

/** Names of the kernels; a task says one by its number. */
export type Names = ReadonlyArray<keyof Exports>

/**
 * For each thread: its last task's number, the last that is done, which kernel, how many arguments, whether it failed, and the last task
 * that somebody has taken: the thread, or who asked, if the thread hasn't begun.
 */
export const Slot = { asked: 0, done: 1, kernel: 2, count: 3, failed: 4, taken: 5, length: 16 } as const
/** Done by a thread that hasn't come up. */
export const NOT_YET = -1
/** Arguments of a task, at most. */
export const ARGUMENTS = 32
/** How often a thread looks for what it waits for before it sleeps: some ten microseconds. */
export const SPINS = 20_000

export interface Shared {
  readonly module: Module
  readonly memory: Memory
  readonly names: Names
  readonly slots: Int32Array
  readonly given: Float64Array
  /** Which thread this is, from 0. */
  readonly thread: number
}

/** The number of the task before. */
export const before = (task: number): number => (task - 1) | 0
/** Whether a task was there to take: only one can. */
export const take = (slots: Int32Array, slot: number, task: number): boolean =>
  Atomics.compareExchange(slots, slot + Slot.taken, before(task), task) === before(task)

/** Waits until a number has changed from `from`. */
export const changed = (slots: Int32Array, at: number, from: number): void => {
  for (let i = 0; i < SPINS; i++) if (Atomics.load(slots, at) !== from) return
  while (Atomics.load(slots, at) === from) Atomics.wait(slots, at, from)
}
