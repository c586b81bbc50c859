/** A thread that collects garbage in a store, as old as it may be, whenever it's asked to. */
import { parentPort, workerData } from "node:worker_threads"
import { Effect } from "effect"
import { collectGarbage } from "../../src/index.ts"

const signal = new Int32Array(workerData as SharedArrayBuffer)
const answer = (state: number) => {
  Atomics.store(signal, 0, state)
  Atomics.notify(signal, 0)
}

parentPort!.on("message", (root: string) => {
  void Effect.runPromise(collectGarbage(root, { keep: 0, grace: Number.NEGATIVE_INFINITY })).then(
    ({ files }) => answer(1 + files),
    () => answer(-1),
  )
})
