/** What trains on a graphics card, or one in software: for the long tier. */
import { Backend } from "@relent/tensor"
import { noCard } from "@relent/tensor/testing"
import { describe, expect, it } from "vitest"
import { training } from "./gradients.ts"
import { layers } from "./layer-examples.ts"
import { committed, expected, isWriting, untried } from "./what-trains.ts"

const why = process.env["RELENT_VERIFY"] === "1" ? await noCard() : "pnpm verify runs it"

describe.skipIf(why !== undefined)(`layers on webgpu${why === undefined ? "" : ` (skipped: ${why})`}`, () => {
  it("train where docs/backends.md says so", { timeout: 1_800_000 }, async () => {
    const found: Record<string, string> = {}
    const wanted: Record<string, string | undefined> = {}
    for (const [name, example] of Object.entries(layers)) {
      if (!isWriting && committed[name]?.["webgpu"] === untried) continue
      found[name] = await training(example, Backend.webgpu)
      wanted[name] = expected("webgpu", name, found[name])
    }
    expect(found).toEqual(wanted)
  })
})
