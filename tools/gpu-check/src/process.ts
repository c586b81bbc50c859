/** One part in a process of its own: what it saw until it ended, was killed or crashed. */
import { spawn } from "node:child_process"
import type { Line } from "./part/say.ts"
import type { PartPlan } from "./parts.ts"
import type { Part } from "./report.ts"

const linesOf = (text: string): ReadonlyArray<Line> =>
  text.split("\n").flatMap((line) => {
    try {
      return line.startsWith("{") ? [JSON.parse(line) as Line] : []
    } catch {
      return [] // cut off
    }
  })

/** What a process said last, without where in the code it was. */
const lastWords = (text: string) =>
  text
    .split("\n")
    .filter((line) => line.trim() !== "" && !/^\s+at /.test(line))
    .slice(-6)
    .join("\n")
    .slice(-1000)

/** Runs a part. It never fails: whatever happens is an outcome. */
export const runPart = ({ name, backend, script, limit }: PartPlan): Promise<Part> =>
  new Promise((done) => {
    const begin = performance.now()
    // A group of its own, so that what it starts ends with it.
    const child = spawn(process.execPath, [script, backend], { detached: true, stdio: ["ignore", "pipe", "pipe"] })
    let [out, err, isLate] = ["", "", false]
    child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text))
    child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text))
    const timer = setTimeout(() => {
      isLate = true
      process.kill(-child.pid!, "SIGKILL")
    }, limit * 1000)
    child.on("close", (code, signal) => {
      clearTimeout(timer)
      const lines = linesOf(out)
      const rows = lines.flatMap((line) => ("row" in line ? [line.row] : []))
      const opened = lines.flatMap((line) => ("opened" in line ? [line.opened] : []))[0]
      const skipped = lines.flatMap((line) => ("skipped" in line ? [line.skipped] : []))[0]
      const seen = { name, backend, seconds: (performance.now() - begin) / 1000, ...opened, rows }
      if (skipped !== undefined) {
        const words = lastWords(err) // a driver's, mostly
        return done({ ...seen, outcome: "skipped", why: words === "" ? skipped : `${skipped}\n\n${words}` })
      }
      if (isLate) return done({ ...seen, outcome: "out of time", why: `stopped after ${limit} seconds` })
      if (code !== 0) {
        const how = signal === null ? `ended with ${code}` : `ended by ${signal}`
        return done({ ...seen, outcome: "crashed", why: `${how}: ${lastWords(err)}` })
      }
      const failed = rows.filter(({ holds }) => holds === false).length
      if (failed > 0) return done({ ...seen, outcome: "failed", why: `${failed} of its demands don't hold` })
      done({ ...seen, outcome: "passed" })
    })
  })
