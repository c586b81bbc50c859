/** `relent report` as a person calls it: of a run, of a suite, of what `relent new` writes. */
import { readFileSync } from "node:fs"
import { beforeAll, describe, expect, it } from "vitest"
import { inFolder, relent } from "./relent.ts"

const folder = inFolder()
/** Without its scripts and style, which would fill the screen where a test fails. */
const page = (name: string) => readFileSync(folder.path(name), "utf8").replaceAll(/<(script|style)>[\s\S]*?<\/\1>/g, "")

const suite = (statement: string) => `suite: tiny
source: hinton2015distilling
pipeline: first.yaml
seeds: [11, 12]
quick: { seeds: [11] }
arms: { kl: { table: scores.table, where: { divergence: kl } } }
claims:
  learns: { statement: "${statement}", metric: accuracy, test: { every: kl, above: 0 } }
`

beforeAll(async () => {
  await relent("new", "pipeline", "first")
  await relent("run", "first.yaml")
  folder.write("tiny.yaml", suite("It <learns>."))
}, 60_000)

describe("relent report", () => {
  it("without an argument writes the newest run, beside nothing else", async () => {
    const { code, out } = await relent("report")
    expect([code, out]).toEqual([0, expect.stringMatching(/^wrote (first-[\d-]+\.html) \(\d\.\d MB\)\n$/)])
    const text = page(/first-[\d-]+\.html/.exec(out)![0])
    expect(text).toContain("<title>Run of first</title>")
    for (const word of ["loss of distillation/distil", "scores.table", "student reads few, logits", "temperature: 2"])
      expect([word, text.includes(word)]).toEqual([word, true])
    expect(text.includes(folder.path())).toBe(false)
  })
  it("of a suite wants a run of it, then shows its verdicts", async () => {
    expect(await relent("report", "tiny.yaml")).toMatchObject({
      code: 1,
      error: expect.stringMatching(/suite 'tiny' has no run in this store\n {2}relent suite run tiny\.yaml makes one/),
    })
    const ran = await relent("suite", "run", "tiny.yaml", "--quick", "--html", "all.html")
    expect([ran.code, ran.error]).toEqual([0, expect.stringContaining("wrote all.html")])
    expect(await relent("report", "tiny.yaml", "--out", "tiny.html")).toMatchObject({ code: 0 })
    for (const file of ["all.html", "tiny.html"]) {
      expect(page(file)).toContain("<title>Verdicts: tiny</title>")
      expect(page(file)).toContain("It &lt;learns&gt;.")
      expect(page(file)).toMatch(/not recorded yet/)
    }
  })
  it("of a suite's run shows verdicts too, as long as the suite can be read", async () => {
    const { run } = (JSON.parse((await relent("runs", "--json")).out) as ReadonlyArray<{ readonly run: string }>)[0]!
    expect(await relent("report", run, "--out", "run.html")).toMatchObject({ code: 0, error: "" })
    expect(page("run.html")).toContain("<title>Verdicts: tiny</title>")
    folder.write("tiny.yaml", "suite: 1")
    const without = await relent("report", run, "--out", "run.html")
    expect([without.code, without.error]).toEqual([0, expect.stringContaining("without verdicts: ")])
    expect(page("run.html")).toContain("<title>Run of first</title>")
    folder.write("tiny.yaml", suite("It learns."))
  })
  it("puts several on one page", async () => {
    const [first] = (JSON.parse((await relent("runs", "--json")).out) as ReadonlyArray<{ readonly run: string }>).slice(
      1,
    )
    expect(await relent("report", first!.run, "tiny.yaml")).toMatchObject({
      code: 0,
      out: expect.stringContaining("report.html"),
    })
    expect(page("report.html").match(/<section /g)).toHaveLength(2)
  })
  it("says what was wrong", async () => {
    expect(await relent("report", "nothing")).toMatchObject({
      code: 1,
      error: expect.stringContaining("no run 'nothing'"),
    })
    expect(await relent("report", "none.yaml")).toMatchObject({
      code: 1,
      error: expect.stringContaining("there is no such file"),
    })
    expect(await relent("report", "--out", "nowhere/x.html")).toMatchObject({
      code: 1,
      error: expect.stringMatching(/nowhere\/x\.html: there is no such file\n {2}give another file with --out/),
    })
    expect(await relent("report", "--store", "empty")).toMatchObject({
      code: 1,
      error: expect.stringContaining("no run yet"),
    })
  })
})
