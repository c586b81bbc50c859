import { describe, expect, it } from "vitest"
import { bytes, letters, tokenisers } from "../src/index.ts"

describe.each(tokenisers.map((t) => [t.name, t] as const))("%s", (_, tokeniser) => {
  it("gives a text back", () => {
    const text = "call me ishmael"
    const ids = tokeniser.encode(text)
    expect(tokeniser.decode(ids)).toBe(text)
    expect(ids.every((id) => id >= 0 && id < tokeniser.vocabulary)).toBe(true)
  })
  it("refuses an id that it doesn't have", () => {
    for (const id of [-1, tokeniser.vocabulary, 0.5]) expect(() => tokeniser.decode([id])).toThrow("there is no token")
  })
})

it("letters are numbered from the space", () => {
  expect([...letters.encode(" az")]).toEqual([0, 1, 26])
  expect(() => letters.encode("aé")).toThrow('it has no "é" (character 1)')
})

it("bytes take any text", () => {
  expect([...bytes.encode("é")]).toEqual([0xc3, 0xa9])
  expect(bytes.decode(bytes.encode("whale 🐋"))).toBe("whale 🐋")
})
