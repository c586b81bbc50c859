/** Damaged Arrow files through relent and pyarrow, many times; `pnpm interop` has the short form. */
import { expect, it } from "vitest"
import { differential } from "../src/differential.ts"

it.runIf(process.env["RELENT_VERIFY"] === "1")(
  "relent and pyarrow read the same in 100,000 damaged Arrow files, or both refuse",
  { timeout: 3_600_000 },
  async ({ task }) => {
    const { outcomes, findings } = await differential(11, 0, 100_000)
    const figures = Object.entries(outcomes).map(([ending, count]) => `${ending} ${count}`)
    Object.assign(task.meta, { figures: figures.toSorted().join(", ") })
    expect(findings).toEqual([])
  },
)
