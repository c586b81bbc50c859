/** Whoever collects garbage while this thread stands still. */
import { Worker } from "node:worker_threads"

export interface Collector {
  /** Collects everything that is not held, whatever its age, and gives the number of files. Returns when that is done. */
  readonly collect: (root: string) => number
  readonly end: () => Promise<unknown>
}

export const collector = (): Collector => {
  const signal = new Int32Array(new SharedArrayBuffer(4))
  const worker = new Worker(new URL("collector.main.ts", import.meta.url), { workerData: signal.buffer })
  return {
    collect: (root) => {
      Atomics.store(signal, 0, 0)
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
      worker.postMessage(root)
      if (Atomics.wait(signal, 0, 0, 30_000) === "timed-out") throw new Error("the collection waits for this thread")
      if (signal[0]! < 0) throw new Error("the collection failed")
      return signal[0]! - 1
    },
    end: () => worker.terminate(),
  }
}
