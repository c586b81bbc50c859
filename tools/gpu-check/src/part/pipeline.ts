/** `node pipeline.ts BACKEND`: a pipeline by the runner, computed and then taken from the store, each in a process of its own. */
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { Effect } from "effect"
import { part, row } from "./say.ts"

const bin = join(dirname(createRequire(import.meta.url).resolve("@relent/runner/package.json")), "bin/relent.js")
const document = join(import.meta.dirname, "../../pipeline.yaml")

await part(({ name }) =>
  Effect.sync(() => {
    const store = mkdtempSync(join(tmpdir(), "gpu-check-"))
    for (const [what, wanted] of [
      ["computed", /finished: (\d+) computed, 0 cached/],
      ["from the store", /finished: 0 computed, (\d+) cached/],
    ] as const) {
      const begin = performance.now()
      const words = [bin, "run", document, "--backend", name, "--store", store]
      const { stdout, stderr, status } = spawnSync(process.execPath, words, { encoding: "utf8" })
      const text = `${stdout}${stderr}`
      const found = wanted.exec(text)
      row({
        what: `a pipeline, ${what}`,
        value: (performance.now() - begin) / 1000,
        unit: "s",
        holds: status === 0 && found !== null,
        note: found === null ? text.slice(-500) : `${found[1]} steps`,
      })
      if (found === null) break
    }
    rmSync(store, { recursive: true, force: true })
  }),
)
