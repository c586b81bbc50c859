/** The demo, killed and started again; minutes, so in the long tier only. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { source } from "@relent/random"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { digests, type Ended, finished, type Start, start } from "./child.ts"

const verify = process.env["RELENT_VERIFY"] === "1"
const minutes = 60_000
const demo = join(import.meta.dirname, "../../../plugins/distillation/pipelines/quick.yaml")

let cwd: string
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), "relent demo "))
})
afterAll(() => rmSync(cwd, { recursive: true, force: true }))

describe.runIf(verify)("the demo", () => {
  let whole: Ended
  it(
    "comes to its end",
    async () => {
      whole = await start(demo, { store: "whole", cwd })
      expect(whole.code).toBe(0)
    },
    10 * minutes,
  )

  it(
    "killed 20 times at random moments, and started again after each, gives the same bytes",
    async () => {
      const random = source({ seed: 1, stream: "demo" })("milliseconds")
      // A run that comes to its end is a round: the next kills find an empty store.
      const rounds: Array<Array<Ended>> = [[]]
      const go = (killAfter: Start["killAfter"]) => start(demo, { store: `cut-${rounds.length}`, cwd, killAfter })
      for (let kills = 0; kills < 20;) {
        const cut = await go({ milliseconds: 500 + random.uniform() * 0.6 * whole.milliseconds })
        rounds.at(-1)!.push(cut)
        if (cut.code === null) kills++
        else rounds.push([])
      }
      rounds.at(-1)!.push(await go(undefined))
      for (const round of rounds) {
        expect(digests(round.at(-1)!)).toEqual(digests(whole))
        const done = round.flatMap(finished)
        expect(new Set(done).size).toBe(done.length)
      }
    },
    60 * minutes,
  )

  it(
    "run twice at once in one store computes each stage once, and gives what it gives in another",
    async () => {
      const both = await Promise.all([start(demo, { store: "both", cwd }), start(demo, { store: "both", cwd })])
      expect(both.flatMap(finished).toSorted()).toEqual(finished(whole).toSorted())
      for (const one of both) expect(digests(one)).toEqual(digests(whole))
    },
    10 * minutes,
  )
})
