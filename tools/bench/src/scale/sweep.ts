/** A sweep of many points, and what is done with its run: `node sweep.ts POINTS`. */
import { readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { main } from "@relent/runner"
import { inFolder, measuring } from "./measure.ts"

const points = Number(process.argv[2])
const { all, measure } = measuring()
const seeds = Array.from({ length: points }, (_, i) => i)
const document = `name: sweep
seed: 1
stages:
  data: { stage: datasets/two-moons, with: { rows: 4 } }
  all: { collect: data.data }
over: { seed: [${seeds.join(", ")}] }
outputs: { all: all.table }
`
const log = console.log
await inFolder(async (folder) => {
  process.chdir(folder)
  writeFileSync("sweep.yaml", document)
  console.log = console.error = () => {}
  process.stderr.write = () => true
  const command = (what: string, ...words: ReadonlyArray<string>) =>
    measure(what, async () => {
      await main(words)
      if (process.exitCode !== 0) throw new Error(`${words.join(" ")} ended with ${process.exitCode}`)
    })
  await command("plan of a sweep that never ran", "plan", "sweep.yaml")
  await command("run", "run", "sweep.yaml")
  await command("run, all in the store", "run", "sweep.yaml")
  await command("plan, all in the store", "plan", "sweep.yaml")
  await command("plan, all else", "plan", "sweep.yaml", "--set", "data.rows=5")
  await command("runs", "runs")
  const [run, other] = readdirSync(".relent/runs").map((name) => name.slice(0, -5))
  await command("diff", "diff", run!, other!)
  await command("report", "report", "--out", join(folder, "report.html"))
}, "disk")
log(JSON.stringify(all))
