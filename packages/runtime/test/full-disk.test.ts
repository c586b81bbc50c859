/** A disk that fills up, or is only read, for real: a small file system in memory, where whoever runs this may mount one. */
import { execFileSync } from "node:child_process"
import { statfsSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Pipeline } from "@relent/stage"
import { describe, expect, it } from "vitest"
import { collectGarbage, Store, verifyStore } from "../src/index.ts"
import { noise, walk } from "./family.ts"
import { filesIn, go, inStore, newFolder } from "./harness.ts"

const mount = (folder: string, kilobytes: number, more = "") =>
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${kilobytes}k${more}`, "tmpfs", folder], { stdio: "pipe" })
const unmount = (folder: string) => execFileSync("umount", ["--lazy", folder], { stdio: "pipe" })

const mayMount = (() => {
  const folder = newFolder()
  try {
    mount(folder, 64)
    unmount(folder)
    return true
  } catch {
    return false
  }
})()

const pipeline = () => {
  const big = noise.as("big")({ rows: 20_000 }).values
  const bigger = noise.as("bigger")({ rows: 60_000 }).values
  return Pipeline.make({ name: "big", seed: 1, outputs: { big, bigger, walk: walk({ steps: 40 }).values } })
}

describe.runIf(mayMount)("a store on a disk that is full", () => {
  it("fails with what to do, keeps nothing that is cut off, and goes on when there is room", async () => {
    const { digests } = await go(newFolder(), pipeline())
    const reasons: Array<string> = []
    // 160 KiB and 480 KiB of numbers: the disk fills before, within and after each table; locks take some too.
    for (const kilobytes of [4, 40, 100, 250, 400, 600, 760, 2000]) {
      const folder = newFolder()
      mount(folder, kilobytes)
      try {
        const first = await go(folder, pipeline(), { concurrency: 1 }).then(
          () => undefined,
          (error: { readonly _tag: string; readonly reason: string; readonly hint?: string }) => error,
        )
        if (first !== undefined) reasons.push(`${first._tag}: ${first.reason.split(": ").at(-1)}; ${first.hint}`)
        expect(await inStore(folder, verifyStore(folder, false))).toMatchObject({ damaged: [] })
        expect(filesIn(join(folder, "tmp"))).toEqual([])
        mount(folder, 8000, ",remount")
        expect((await go(folder, pipeline())).digests).toEqual(digests)
        const runs = await inStore(
          folder,
          Store.use((s) => s.manifests),
        )
        expect(runs[0]!.status).toBe("finished")
      } finally {
        unmount(folder)
      }
    }
    expect(reasons.length).toBeGreaterThan(4)
    const wanted = "StepFailed: the disk is full; free some room, or give another folder with --store"
    expect([...new Set(reasons)]).toEqual([wanted])
  }, 60_000)
})

it.runIf(mayMount)("on a full disk what is there is used, and can be collected", async () => {
  const folder = newFolder()
  mount(folder, 8000)
  try {
    const { digests } = await go(folder, pipeline())
    const { bavail, bsize } = statfsSync(folder)
    writeFileSync(join(folder, "filler"), new Uint8Array(bavail * bsize))
    const again = await go(folder, pipeline())
    expect([again.digests, again.ended.every((line) => line.endsWith(" cached"))]).toEqual([digests, true])
    const { files } = await inStore(folder, collectGarbage(folder, { keep: 0, grace: Number.NEGATIVE_INFINITY }))
    expect(files).toBeGreaterThan(6)
    expect(filesIn(join(folder, "objects"))).toEqual([])
  } finally {
    unmount(folder)
  }
})

describe.runIf(mayMount)("a store on a disk that is only read", () => {
  it("gives what it has, tells what would be collected, and says why nothing is", async () => {
    const folder = newFolder()
    mount(folder, 8000)
    try {
      const { digests } = await go(folder, pipeline())
      mount(folder, 8000, ",remount,ro")
      const again = await go(folder, pipeline())
      expect(again.digests).toEqual(digests)
      expect(again.ended.every((line) => line.endsWith(" cached"))).toBe(true)
      const all = { keep: 0, grace: Number.NEGATIVE_INFINITY }
      expect(await inStore(folder, collectGarbage(folder, { ...all, dryRun: true }))).toMatchObject({ keptRuns: 0 })
      await expect(inStore(folder, collectGarbage(folder, all))).rejects.toMatchObject({
        _tag: "StoreUnusable",
        reason: "the file system is read-only",
      })
      const other = Pipeline.make({ name: "other", seed: 2, outputs: walk({ steps: 3 }) })
      await expect(go(folder, other)).rejects.toMatchObject({
        _tag: "StepFailed",
        reason: expect.stringContaining("read-only"),
      })
    } finally {
      unmount(folder)
    }
  })
})
