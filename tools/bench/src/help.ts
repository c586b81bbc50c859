/** What `relent --help` takes over Node's own start, in milliseconds of CPU. */
import { spawnSync } from "node:child_process"
import { join } from "node:path"

const bin = join(import.meta.dirname, "../../../apps/runner/bin/relent.js")
const tell = `process.on("exit", () => {
  const { user, system } = process.cpuUsage()
  process.stderr.write("cpu " + (user + system) / 1000)
})`
const told = `data:text/javascript,${encodeURIComponent(tell)}`

/** CPU of a process in ms, the best of ten. */
const cpu = (...command: ReadonlyArray<string>) => {
  const times = Array.from({ length: 10 }, () => {
    const { stderr } = spawnSync(process.execPath, ["--import", told, ...command], { encoding: "utf8" })
    return Number(/cpu ([\d.]+)/.exec(stderr)?.[1])
  })
  return Math.min(...times)
}

const [node, help] = [cpu("--eval", "0"), cpu(bin, "--help")]
console.log(`relent --help: ${(help - node).toFixed(0)} ms of CPU over Node's own ${node.toFixed(0)} ms (aim 150)`)
