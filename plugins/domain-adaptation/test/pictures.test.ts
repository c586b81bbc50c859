/** Distances of borders, and overlays: small cases by hand. */
import { describe, expect, it } from "vitest"
import { grey, overlay } from "../src/overlay.ts"
import { surfaceDistance } from "../src/surface-distance.ts"

/** A picture in letters: `x` is inside. */
const mask = (...lines: ReadonlyArray<string>) => Uint8Array.from(lines.join(""), (c) => (c === "x" ? 1 : 0))

describe("the surface distance", () => {
  const square = mask("......", ".xxxx.", ".xxxx.", ".xxxx.", "......")
  it("is 0 of equals, and symmetric", () => {
    expect(surfaceDistance(square, square, [5, 6])).toBe(0)
    const other = mask("......", "..x...", "......", "......", "......")
    expect(surfaceDistance(square, other, [5, 6])).toBe(surfaceDistance(other, square, [5, 6]))
  })
  it("is the mean over both borders: a square of 10 border pixels and one moved by a pixel", () => {
    const moved = mask("......", "..xxxx", "..xxxx", "..xxxx", "......")
    // Each way: the outer column is 1 away (3 pixels); of the upper and lower lines 0; the inner column's middle pixel is 1 away from its
    // nearest border pixel.
    const each = 3 * 1 + 1
    expect(surfaceDistance(square, moved, [5, 6])).toBeCloseTo((2 * each) / 20, 12)
  })
  it("doesn't count the inside", () => {
    const hole = mask("......", ".xxxx.", ".x..x.", ".xxxx.", "......")
    expect(surfaceDistance(square, hole, [5, 6])).toBe(0)
  })
  it("counts pixels at the border of the image, and distances along a slope", () => {
    expect(
      surfaceDistance(mask("x...", "....", "....", "...."), mask("....", "....", "....", "...x"), [4, 4]),
    ).toBeCloseTo(Math.hypot(3, 3), 12)
  })
  it("is the diagonal where one is empty, 0 where both are", () => {
    const none = mask("......", "......", "......", "......", "......")
    expect(surfaceDistance(square, none, [5, 6])).toBe(Math.hypot(5, 6))
    expect(surfaceDistance(none, none, [5, 6])).toBe(0)
  })
})

describe("overlays", () => {
  it("are grey from the darkest to the brightest, channels averaged", () => {
    expect([...grey([0.5, 1, 0.75], 1)]).toEqual([0, 255, 128])
    expect([...grey([0, 1, 0.5, 0.5, 1, 1], 2)]).toEqual([0, 0, 255])
    expect([...grey([3, 3], 1)]).toEqual([0, 0])
  })
  it("tint what isn't background, and begin again after the last colour", () => {
    const found = overlay(Uint8Array.of(100, 100, 100), [0, 1, 6])
    expect([...found]).toEqual([100, 100, 100, 165, 130, 50, 165, 130, 50])
  })
})
