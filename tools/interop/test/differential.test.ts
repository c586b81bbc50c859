/** Damaged files through relent and Python, many times; `pnpm interop` has the short form. */
import { expect, it } from "vitest"
import { differential } from "../src/differential.ts"

const verify = process.env["RELENT_VERIFY"] === "1"

for (const target of ["arrow", "safetensors"] as const)
  it.runIf(verify)(
    `relent and Python read the same in 100,000 damaged files of ${target}, or both refuse`,
    { timeout: 3_600_000 },
    async ({ task }) => {
      const { outcomes, findings } = await differential(target, 11, 0, 100_000)
      const figures = Object.entries(outcomes).map(([ending, count]) => `${ending} ${count}`)
      Object.assign(task.meta, { figures: figures.toSorted().join(", ") })
      expect(findings).toEqual([])
    },
  )
