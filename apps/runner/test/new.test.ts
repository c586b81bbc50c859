/** `relent new`: what it writes runs at once, and it never overwrites. */
import { mkdirSync, readFileSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { beforeAll, describe, expect, it } from "vitest"
import { inFolder, relent } from "./relent.ts"

const folder = inFolder()

// As npm would: the packages that the written files import.
beforeAll(() => {
  mkdirSync(folder.path("node_modules/@relent"), { recursive: true })
  for (const name of ["arrow", "divergence", "stage"])
    symlinkSync(join(import.meta.dirname, "../../../packages", name), folder.path(`node_modules/@relent/${name}`))
  symlinkSync(join(import.meta.dirname, "../node_modules/effect"), folder.path("node_modules/effect"))
})

describe("relent new", () => {
  it("pipeline: a document that runs", async () => {
    expect(await relent("new", "pipeline", "first")).toMatchObject({
      code: 0,
      out: expect.stringContaining("Now:\n  relent run first.yaml"),
    })
    const { code, out } = await relent("run", "first.yaml")
    expect([code, out]).toEqual([0, expect.stringMatching(/scores {2}3 rows[\s\S]*jensen-shannon/)])
  })

  it("stage: a plugin by path, and a document that runs it", async () => {
    await relent("new", "stage", "own")
    expect(await relent("run", "own.yaml")).toMatchObject({ code: 0, out: expect.stringContaining("counts  2 rows") })
    expect(await relent("run", "own.yaml", "--set", "count.least=21")).toMatchObject({
      code: 2,
      error: expect.stringMatching(
        /own\.yaml:6:10 count \(own\/count\): no label has 21 rows\n {2}make 'least' smaller/,
      ),
    })
    expect((await relent("stages", "own/count", "--plugin", "own.ts")).out).toMatch(
      /least +1 +integer > 0 +labels with fewer rows/,
    )
  })

  it("plugin: a package with a stage, a divergence and a pipeline", async () => {
    await relent("new", "plugin", "mine")
    const { code, out } = await relent("run", "mine/pipelines/mine.yaml")
    expect([code, out]).toEqual([0, expect.stringContaining("score  1 row")])
    expect((await relent("divergences", "mine/le-cam", "--plugin", "mine/src/index.ts")).out).toMatch(/bound .* 2\n/)
    expect((await relent("divergences", "--plugin", "./mine/src/index.ts")).out).toMatch(/^mine\/le-cam/m)
    const { dependencies } = JSON.parse(readFileSync(folder.path("mine/package.json"), "utf8")) as {
      readonly dependencies: Readonly<Record<string, string>>
    }
    expect(dependencies["effect"]).toMatch(/^4\./)
  })

  it("refuses what is there, and names that can't be", async () => {
    folder.write("taken.yaml", "mine\n")
    expect(await relent("new", "stage", "taken")).toMatchObject({
      code: 1,
      error: expect.stringContaining("taken.yaml: is already there"),
    })
    expect(readFileSync(folder.path("taken.yaml"), "utf8")).toBe("mine\n")
    expect((await relent("new", "stge", "x")).error).toContain("did you mean 'stage'?")
    for (const name of ["../up", "Big", "a/b", "", "-x"])
      expect((await relent("new", "stage", "--", name)).code).toBe(1)
    expect((await relent("new", "stage", "datasets")).error).toContain("a plugin of relent's has this name")
  })
})
