/** The nth call of the store's that writes, flushes, renames, reads or opens fails, for every n until none fails any more. */
import { rmSync } from "node:fs"
import { join } from "node:path"
import { Pipeline } from "@relent/stage"
import { beforeAll, describe, expect, it } from "vitest"
import { verifyStore } from "../../src/index.ts"
import { noise, scale, walk } from "../family.ts"
import { filesIn, go, inStore, memory, newFolder } from "../harness.ts"
import { failing } from "./faults.ts"
import { type Call, calls } from "./watched.ts"

const verify = process.env["RELENT_VERIFY"] === "1"

const pipeline = () => {
  const { values } = noise.as("few")()
  const big = noise.as("many")({ rows: 40_000 }).values
  const twice = scale.as("twice")({ values, more: [big] }, { by: 2 }).values
  return Pipeline.make({ name: "faults", seed: 1, outputs: { big, twice, walked: walk({ steps: 20 }).values } })
}

/** In the words of the store, with what to do. */
const said: { readonly [code: string]: unknown } = {
  ENOSPC: expect.stringMatching(/the disk is full/),
  EIO: expect.stringMatching(/the disk failed/),
  EMFILE: expect.stringMatching(/too many files are open/),
  EACCES: expect.stringMatching(/permission denied/),
}
const codes = Object.keys(said)
const wanted = (code: string) => ({ _tag: "StepFailed", reason: said[code], hint: expect.any(String) })
const failureOf = ({ _tag, reason, hint }: Readonly<Record<string, string>>) => ({ _tag, reason, hint })

let golden: Awaited<ReturnType<typeof go>>
beforeAll(async () => void (golden = await go(newFolder(memory), pipeline())))

describe.each(calls)("a failing %s of the store's", (call: Call) => {
  it.each([
    ["once", false],
    ["and goes on failing", true],
  ])("%s is told, spoils nothing, and is forgotten by the next run", { timeout: 3_600_000 }, async (_, lasts) => {
    let fired = Infinity
    for (let nth = 1; fired > 0; nth += verify ? 1 : 29)
      for (const code of verify ? codes : [codes[nth % codes.length]!]) {
        const store = newFolder(memory)
        const at = `${code} at ${call} ${nth}`
        const ran = await failing(store, { call, code, nth, lasts }, () =>
          go(store, pipeline(), { concurrency: 1 }).then(({ digests }) => digests, failureOf),
        )
        fired = ran.fired
        const { damaged } = await inStore(store, verifyStore(store, false))
        const again = await go(store, pipeline())
        const left = call === "remove" ? [] : filesIn(join(store, "tmp"))
        expect([at, ran.result, damaged, again.digests, left]).toEqual([
          at,
          "_tag" in ran.result ? wanted(code) : golden.digests,
          [],
          golden.digests,
          [],
        ])
        rmSync(store, { recursive: true })
      }
  })
})
