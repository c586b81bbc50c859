/** The README's way from a user's file to an accuracy, as a user goes it. */
import { spawnSync } from "node:child_process"
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"

const root = join(import.meta.dirname, "../../..")
const folder = mkdtempSync(join(tmpdir(), "relent own data "))
afterAll(() => rmSync(folder, { recursive: true }))
const relent = (...words: ReadonlyArray<string>) => {
  const ended = spawnSync(process.execPath, [join(root, "apps/runner/bin/relent.js"), ...words], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  })
  return { code: ended.status, out: ended.stdout, error: ended.stderr }
}
const document = join(folder, "own-data.yaml")
const file = join(folder, "flowers.csv")
for (const name of ["own-data.yaml", "flowers.csv"])
  cpSync(join(root, "plugins/distillation/pipelines", name), join(folder, name))

describe("a file of your own", () => {
  it("becomes examples, and a classifier that knows flowers it never saw", () => {
    const { code, error } = relent("run", document)
    expect([code, error]).toEqual([0, expect.stringContaining("finished: 6 computed, 0 cached")])
    const [score] = JSON.parse(relent("table", "score.metrics", "--json").out) as ReadonlyArray<any>
    expect(score.accuracy).toBeGreaterThan(0.9)
  })
  it("that changed is read again; one that is wrong is told by row, line and column", () => {
    const text = readFileSync(file, "utf8")
    writeFileSync(file, text.replace("5.1,3.5", "5.2,3.5"))
    expect(relent("plan", document).out).toMatch(/file +datasets\/read-table +miss +file file/)
    writeFileSync(file, text.replace("4.7,3.2", "n/a,3.2"))
    const declared = readFileSync(document, "utf8").replace(
      "path: flowers.csv",
      "path: flowers.csv, columns: {sepal_length: float32, species: utf8}",
    )
    writeFileSync(document, declared)
    const { code, error } = relent("run", document)
    expect(code).toBe(2)
    expect(error).toMatch(
      /own-data\.yaml:6:\d+ file \(datasets\/read-table\): flowers\.csv: row 2 \(line 4\), column 'sepal_length': wanted float32, found "n\/a"/,
    )
  })
})
