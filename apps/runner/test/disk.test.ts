/** The command on a disk that is full, and on one that can't be written: real ones, where they may be mounted. */
import { execFileSync } from "node:child_process"
import { mkdirSync } from "node:fs"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { inFolder, relent } from "./relent.ts"

const { write, path } = inFolder()

/** A file system of so many KiB in memory; false where whoever runs this may not mount one. */
const disk = (kilobytes: number, more = ""): boolean => {
  mkdirSync(path("store"), { recursive: true })
  const options = ["-t", "tmpfs", "-o", `size=${kilobytes}k${more}`, "tmpfs", path("store")]
  try {
    execFileSync("mount", options, { stdio: "pipe" })
    return true
  } catch {
    return false
  }
}

const moons = (rows: number) => `name: moons
seed: 1
stages:
  data: { stage: datasets/two-moons, with: { rows: ${rows} } }
  half: { stage: datasets/take, in: { table: data.data }, with: { rows: 20 } }
`

describe("a store", () => {
  beforeEach(({ skip }) => skip(!disk(80), "no file system may be mounted here"))
  afterEach(() => void execFileSync("umount", ["--lazy", path("store")]))
  const run = () => relent("run", "moons.yaml", "--store", "store")

  it("on a full disk: the stage fails with 2, and the command that is told goes on when there is room", async () => {
    write("moons.yaml", moons(20_000))
    const full = await run()
    expect(full).toMatchObject({ code: 2, error: expect.stringContaining("the disk is full\n  free some room") })
    expect(full.error).toMatch(/\n {2}relent run moons\.yaml --store store( --backend \w+)?\n$/)
    disk(8000, ",remount")
    expect((await run()).code).toBe(0)
  })

  it("that is read-only gives what it has, and says of all else that it can't be written", async () => {
    write("moons.yaml", moons(40))
    disk(4000, ",remount")
    const first = await run()
    expect(first.code).toBe(0)
    disk(4000, ",remount,ro")
    const on = (...words: ReadonlyArray<string>) => relent(...words, "--store", "store")
    const again = await run()
    expect([again.code, again.out]).toEqual([0, first.out])
    expect(again.error).toContain("0 computed, 2 cached")
    expect((await on("runs")).out).toContain("moons")
    expect((await on("show")).code).toBe(0)
    expect((await on("table", "half.table", "--export", "csv")).out.split("\n")).toHaveLength(22)
    expect((await on("plan", "moons.yaml")).code).toBe(0)
    expect((await on("store", "verify")).code).toBe(0)
    expect((await on("store", "gc", "--keep", "1")).code).toBe(0)
    const unwritable = expect.stringContaining(
      "the file system is read-only\n  give a folder you may write with --store",
    )
    expect(await on("run", "moons.yaml", "--seed", "2")).toMatchObject({ code: 2, error: unwritable })
    expect((await on("run", "moons.yaml", "--check")).error).toContain("2 computed, 0 cached")
  })
})
