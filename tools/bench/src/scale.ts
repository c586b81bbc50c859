/**
 * What relent costs where there is much of something: `pnpm bench scale [--only results,sweep,table] [--full]` prints a table. With
 * `--full` it goes as far as `docs/scale.md` does: 100,000 results, 2,000 points, 3 GB. Each part runs in a process of its own,
 * whose peak memory is told; a cost that grows faster than what there is much of shows in the column of a single one.
 */
import { execFileSync } from "node:child_process"
import { join } from "node:path"
import { parseArgs } from "node:util"
import type { Measured } from "./scale/measure.ts"

const { values } = parseArgs({ options: { only: { type: "string" }, full: { type: "boolean", default: false } } })
const sizes = {
  results: values.full ? [1_000, 10_000, 100_000] : [1_000, 4_000],
  sweep: values.full ? [500, 1_000, 2_000] : [100, 200],
  table: values.full ? [1, 3] : [0.25, 0.5],
} as const
const units = { results: "results", sweep: "points", table: "GB" } as const
const parts = Object.keys(sizes) as ReadonlyArray<keyof typeof sizes>

const figure = (value: number) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3))

console.log("| what | size | seconds | ms for one | peak memory, MiB |\n|---|---|---|---|---|")
for (const part of parts.filter((name) => values.only?.split(",").includes(name) ?? true))
  for (const size of sizes[part]) {
    const script = join(import.meta.dirname, "scale", `${part}.ts`)
    const out = execFileSync(process.execPath, ["--no-warnings", script, String(size)], { encoding: "utf8" })
    for (const { what, seconds, memory } of JSON.parse(out) as ReadonlyArray<Measured>) {
      const one = part === "table" ? "" : figure((1000 * seconds) / size)
      console.log(
        `| ${what} | ${size.toLocaleString("en")} ${units[part]} | ${figure(seconds)} | ${one} | ${memory.toFixed(0)} |`,
      )
    }
  }
