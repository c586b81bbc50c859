/** `pnpm interop`: relent's tables in pyarrow and pyarrow's in relent, and its exports in the tools they are for. Fails on any difference. */
import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { isDeepStrictEqual } from "node:util"
import { readSafetensors } from "@relent/exchange"
import { Effect } from "effect"
import { differential } from "./differential.ts"
import { python } from "./environment.ts"
import { Everything, rowsOf } from "./everything.ts"
import { describe, writeOurs } from "./ours.ts"
import { type Check, readTheirs } from "./theirs.ts"

const root = join(import.meta.dirname, "..")
const work = mkdtempSync(join(tmpdir(), "relent interop "))
process.on("exit", () => rmSync(work, { recursive: true, force: true }))
const folder = (name: string) => {
  mkdirSync(join(work, name))
  return join(work, name)
}
const start = (command: string, ...words: ReadonlyArray<string>) =>
  execFileSync(command, words, { stdio: ["ignore", "inherit", "inherit"] })

const relent = (...words: ReadonlyArray<string>) => {
  const bin = join(root, "../../apps/runner/bin/relent.js")
  const command = [bin, ...words, "--store", join(work, "store")]
  return execFileSync(process.execPath, command, { stdio: ["ignore", "pipe", "pipe"], encoding: "utf8" })
}

/** Weights and curves of a small training, for the tools that read them, and as relent has them. */
const exportTraining = (to: string) => {
  relent("run", join(root, "training.yaml"))
  const arms = ["learningRate=0.01", "learningRate=0.02"]
  relent("table", `model@${arms[0]}.model`, "--export", join(to, "weights.safetensors"))
  writeFileSync(join(to, "weights.json"), relent("table", `model@${arms[0]}.model`, "--head", "100", "--json"))
  const rows = (arm: string): unknown => JSON.parse(relent("table", `model@${arm}.metrics`, "--head", "100", "--json"))
  writeFileSync(join(to, "curves.json"), JSON.stringify(Object.fromEntries(arms.map((arm) => [arm, rows(arm)]))))
  relent("export", "--tensorboard", join(to, "logs"), "--mlflow", join(to, "mlruns"))
}

/** The exports of a run, as a user makes them. */
const exportAll = (to: string) => {
  relent("run", join(root, "everything.yaml"))
  for (const kind of ["arrow", "parquet", "csv"])
    relent("table", "everything.table", "--export", join(to, `everything.${kind}`))
  const rows = rowsOf(23)
  writeFileSync(
    join(to, "everything.json"),
    JSON.stringify({ ...describe(Everything.fromRows(rows).arrow, rows), batches: [rows.length] }),
  )
}

const weightsOf = (bytes: Uint8Array) => Effect.runPromise(readSafetensors(bytes))

const differences: Array<string> = []
let compared = 0
const check: Check = (what, found, wanted) => {
  compared++
  if (!isDeepStrictEqual(found, wanted))
    differences.push(`${what}: ${JSON.stringify(found)?.slice(0, 400)} != ${JSON.stringify(wanted)?.slice(0, 400)}`)
}

const interpreter = python(root)
const [ours, theirs, exports] = [folder("ours"), folder("theirs"), folder("exports")]
await writeOurs(ours)
exportAll(exports)
start(interpreter, join(root, "python/read.py"), ours, exports)
start(interpreter, join(root, "python/write.py"), theirs)
exportTraining(exports)
start(interpreter, join(root, "python/exchange.py"), exports)
const [written, copied] = ["weights", "copy"].map((name) => readFileSync(join(exports, `${name}.safetensors`)))
check("a model that Python's safetensors wrote", await weightsOf(copied!), await weightsOf(written!))
await readTheirs(ours, theirs, exports, check)
for (const target of ["arrow", "safetensors"] as const)
  for (const { index, what } of (await differential(target, 1, 0, 1000)).findings)
    differences.push(`damaged case ${index} of ${target}, seed 1, ${what}`)
if (differences.length > 0) {
  console.error(differences.join("\n"))
  process.exit(1)
}
console.log(`relent and Python agree: ${compared} comparisons here, more in Python`)
