/**
 * `node check.ts --out FOLDER [--only NAME,...] [--tensorflow FOLDER] [--patience N]`: what relent does on this machine's graphics card,
 * as `report.json` and `report.md`. Each part is a process of its own with a limit: it ends in a report, whatever happens.
 * `--patience` multiplies the limits, for slow machines; `--tensorflow` is a cache folder of relent's in which `relent backend add tensorflow` has put it. Exit code 1 if something failed.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { Schema } from "effect"
import { machine } from "./machine.ts"
import { parts, type PartPlan, tensorflowParts } from "./parts.ts"
import { runPart } from "./process.ts"
import { markdown, type Part, Report } from "./report.ts"

const { values: given } = parseArgs({
  options: {
    out: { type: "string", default: "." },
    only: { type: "string" },
    tensorflow: { type: "string" },
    patience: { type: "string", default: "1" },
  },
})
const begin = performance.now()
const only = given.only?.split(",")
const wanted = ({ name, backend }: PartPlan) =>
  only === undefined || only.some((each) => each === name || each === backend || each === `${name}:${backend}`)

const commitFile = join(import.meta.dirname, "../commit")
const done: Array<Part> = []
/** After every part, so that a report is there however this ends. */
const write = () => {
  const commit = existsSync(commitFile) ? readFileSync(commitFile, "utf8").trim() : "of the working tree"
  const report: Report = {
    version: 1,
    commit,
    machine: machine(),
    seconds: (performance.now() - begin) / 1000,
    parts: done,
  }
  mkdirSync(given.out, { recursive: true })
  writeFileSync(join(given.out, "report.json"), `${JSON.stringify(Schema.encodeSync(Report)(report), null, 2)}\n`)
  writeFileSync(join(given.out, "report.md"), markdown(report))
}

if (given.tensorflow !== undefined) process.env["RELENT_CACHE"] = given.tensorflow
for (const plan of [...parts, ...tensorflowParts].filter(wanted)) {
  const part: Part =
    plan.backend === "tensorflow" && given.tensorflow === undefined
      ? { ...plan, seconds: 0, rows: [], outcome: "skipped", why: "no installation was given: --tensorflow FOLDER" }
      : await runPart({ ...plan, limit: plan.limit * Number(given.patience) })
  console.log(`${part.seconds.toFixed(1).padStart(6)} s  ${part.outcome.padEnd(11)}  ${part.name} on ${part.backend}`)
  if (part.why !== undefined) console.log(`          ${part.why.split("\n")[0]}`)
  done.push(part)
  write()
}
write()
process.exitCode = done.some(({ outcome }) => outcome === "failed" || outcome === "crashed") ? 1 : 0
