/** `pnpm interop`: relent's tables in pyarrow and pyarrow's in relent. Fails on any difference. */
import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { isDeepStrictEqual } from "node:util"
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

/** The exports of a run, as a user makes them. */
const exportAll = (to: string) => {
  const bin = join(root, "../../apps/runner/bin/relent.js")
  const relent = (...words: ReadonlyArray<string>) =>
    execFileSync(process.execPath, [bin, ...words, "--store", join(work, "store")], {
      stdio: ["ignore", "pipe", "pipe"],
    })
  relent("run", join(root, "everything.yaml"))
  for (const kind of ["arrow", "parquet", "csv"])
    relent("table", "everything.table", "--export", join(to, `everything.${kind}`))
  const rows = rowsOf(23)
  writeFileSync(
    join(to, "everything.json"),
    JSON.stringify({ ...describe(Everything.fromRows(rows).arrow, rows), batches: [rows.length] }),
  )
}

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
await readTheirs(ours, theirs, exports, check)
if (differences.length > 0) {
  console.error(differences.join("\n"))
  process.exit(1)
}
console.log(`relent and pyarrow agree: ${compared} comparisons here, more in Python`)
