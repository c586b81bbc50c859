/** Times of the parts of a process, and its memory. */
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

export interface Measured {
  readonly what: string
  readonly seconds: number
  /** The most that was resident so far, in MiB. */
  readonly memory: number
}

/** Measures one part after the other. */
export const measuring = () => {
  const all: Array<Measured> = []
  const measure = async <A>(what: string, body: () => Promise<A>): Promise<A> => {
    const begin = performance.now()
    const result = await body()
    all.push({
      what,
      seconds: (performance.now() - begin) / 1000,
      memory: process.resourceUsage().maxRSS / 1024,
    })
    return result
  }
  return { all, measure }
}

/** A folder with a space in its name, for as long as the body runs: in memory where files are flushed by the hundred thousand. */
export const inFolder = async (body: (folder: string) => Promise<unknown>, where: "disk" | "memory"): Promise<void> => {
  const above = where === "memory" && existsSync("/dev/shm") ? "/dev/shm" : tmpdir()
  const folder = mkdtempSync(join(above, "relent scale "))
  try {
    await body(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}
