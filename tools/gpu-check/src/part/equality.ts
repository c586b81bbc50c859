/** `node equality.ts BACKEND`: the same computations twice in each of two processes; their bytes must be equal. */
import { spawnSync } from "node:child_process"
import { join } from "node:path"
import type { Row } from "../report.ts"
import { type Line, row, skip } from "./say.ts"

const process_ = () => {
  const script = join(import.meta.dirname, "train.ts")
  const { stdout, stderr, status } = spawnSync(process.execPath, [script, ...process.argv.slice(2)], {
    encoding: "utf8",
  })
  if (status !== 0) console.error(stderr.slice(-2000))
  const lines = stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Line)
  return { lines, ended: status === 0 }
}
const rowsOf = (lines: ReadonlyArray<Line>): ReadonlyArray<Row> =>
  lines.flatMap((line) => ("row" in line ? [line.row] : []))
const subject = ({ what }: Row) => what.replace(/, run \d+$/, "")

const first = process_()
const skipped = first.lines.flatMap((line) => ("skipped" in line ? [line.skipped] : []))[0]
const opened = first.lines.find((line) => "opened" in line)
if (skipped !== undefined) skip(skipped)
else {
  if (opened !== undefined) process.stdout.write(`${JSON.stringify(opened)}\n`)
  const second = process_()
  const all = [...rowsOf(first.lines), ...rowsOf(second.lines)]
  for (const name of new Set(all.map(subject))) {
    const notes = all.filter((seen) => subject(seen) === name).map(({ note = "" }) => note)
    const kinds = [...new Set(notes)]
    row({ what: name, holds: kinds.length === 1, note: `${notes.length} runs: ${kinds.join(", ")}` })
  }
  if (!first.ended || !second.ended) process.exitCode = 1
}
