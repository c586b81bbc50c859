/**
 * Cases in a process of their own: `node child.ts TARGET SEED FROM TO PROGRESS [KEEP]`. The number of the case at hand stands in the file
 * PROGRESS, so that whoever watches can name the one that hangs or takes the process along. What came out is printed as JSON.
 */
import { createHash } from "node:crypto"
import { appendFileSync, openSync, writeSync } from "node:fs"
import { source } from "@relent/random"
import type { Finding, Outcomes } from "./run.ts"
import type { Readings } from "./target.ts"
import { type TargetName, targets } from "./targets/index.ts"

const [given, seed, from, to, progress, keep] = process.argv.slice(2)
const name = given as TargetName
const target = await targets[name]()
const random = source({ seed: Number(seed), stream: name })

/** What a case may take: a second of the processor, and so much more memory than all before it. */
const mostMicroseconds = 1_000_000
const mostKilobytes = 256 * 1024

const here = openSync(progress!, "w+")
const say = (index: number) => writeSync(here, new Uint8Array(Uint32Array.of(index).buffer), 0, 4, 0)

const length = (bytes: Uint8Array) => new Uint8Array(Uint32Array.of(bytes.length).buffer)
/** For another reader: the number of the case, its bytes and how they were read, values as digests. */
const record = (index: number, bytes: Uint8Array, readings: Readings) => {
  const short = Object.entries(readings).map(([reader, reading]) => [
    reader,
    "value" in reading ? { value: createHash("sha256").update(reading.value).digest("hex") } : reading,
  ])
  const json = Buffer.from(JSON.stringify(Object.fromEntries(short)))
  const number = new Uint8Array(Uint32Array.of(index).buffer)
  appendFileSync(keep!, Buffer.concat([number, length(bytes), bytes, length(json), json]))
}

const outcomes: Record<string, number> = {}
const findings: Array<Finding> = []
for (let index = Number(from); index < Number(to); index++) {
  say(index)
  const bytes = target.make(random("case", index))
  const [time, memory] = [process.cpuUsage(), process.resourceUsage().maxRSS]
  try {
    const readings = await target.read(bytes)
    for (const [reader, reading] of Object.entries(readings)) {
      const outcome = `${reader} ${"value" in reading ? "read" : "refused"}`
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1
    }
    if (keep !== undefined) record(index, bytes, readings)
  } catch (error) {
    findings.push({ index, what: String((error as Error | undefined)?.stack ?? error) })
  }
  const { user, system } = process.cpuUsage(time)
  const more = process.resourceUsage().maxRSS - memory
  // Whatever is read first brings the code that reads it.
  if (index === Number(from)) continue
  if (user + system > mostMicroseconds) findings.push({ index, what: `it took ${(user + system) / 1e6} seconds` })
  if (more > mostKilobytes) findings.push({ index, what: `it took ${more >> 10} MiB` })
}
console.log(JSON.stringify({ outcomes, findings } satisfies { outcomes: Outcomes; findings: typeof findings }))
