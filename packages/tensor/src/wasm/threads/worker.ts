/** A thread of the pool: runs the kernels it is told to, on the common heap. */
import { workerData } from "node:worker_threads"
import { WebAssembly } from "../webassembly.ts"
import { ARGUMENTS, changed, type Shared, Slot, take } from "./protocol.ts"

const { module, memory, names, slots, given, thread } = workerData as Shared
const exports = new WebAssembly.Instance(module, { env: { memory } }).exports as Record<
  string,
  (...given: ReadonlyArray<number>) => void
>
const kernels = names.map((name) => exports[name]!)
const slot = thread * Slot.length
const first = thread * ARGUMENTS

let task = 0
Atomics.store(slots, slot + Slot.done, task) // no longer NOT_YET
for (;;) {
  changed(slots, slot + Slot.asked, task)
  task = Atomics.load(slots, slot + Slot.asked)
  if (!take(slots, slot, task)) continue
  try {
    kernels[slots[slot + Slot.kernel]!]!(...given.subarray(first, first + slots[slot + Slot.count]!))
  } catch {
    slots[slot + Slot.failed] = 1 // who asked makes the same call to see why
  }
  Atomics.store(slots, slot + Slot.done, task)
  Atomics.notify(slots, slot + Slot.done)
}
