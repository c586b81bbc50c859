import { describe, expect, it } from "vitest"
import { classificationMetrics, expectedCalibrationError } from "../src/index.ts"

describe("expected calibration error", () => {
  it("is that of the card", () => {
    expect(expectedCalibrationError([0.95, 0.9, 0.58, 0.55], [true, false, true, false])).toBeCloseTo(0.27, 12)
  })
  it("takes the right end of a bin to the bin, and all of [0, 1] to some bin", () => {
    // 0.5 of two bins belongs to the first: alone there it is off by 0.5, with 0.6 it would be off by less.
    expect(expectedCalibrationError([0.5, 0.6], [false, true], 2)).toBeCloseTo((0.5 + 0.4) / 2, 12)
    expect(expectedCalibrationError([0, 1], [false, true], 2)).toBe(0)
  })
})

describe("classification metrics", () => {
  const logits = Float32Array.from([0.7, 0.2, 0.1, 0.25, 0.5, 0.25], (p) => Math.log(p) + 3)
  it("are those of a known table", () => {
    const { accuracy, nll, brier, ece } = classificationMetrics(logits, Int32Array.of(0, 2))
    expect(accuracy).toBe(0.5)
    expect(nll).toBeCloseTo(-(Math.log(0.7) + Math.log(0.25)) / 2, 6)
    expect(brier).toBeCloseTo((0.09 + 0.04 + 0.01 + 0.0625 + 0.25 + 0.5625) / 2, 6)
    expect(ece).toBeCloseTo((0.3 + 0.5) / 2, 6)
  })
  it("stay finite for logits far apart, and take -Infinity as probability 0", () => {
    expect(classificationMetrics(Float32Array.of(-500, 500), Int32Array.of(0)).nll).toBe(1000)
    expect(classificationMetrics(Float32Array.of(-Infinity, 2), Int32Array.of(1))).toEqual({
      accuracy: 1,
      nll: 0,
      brier: 0,
      ece: 0,
    })
    expect(classificationMetrics(Float32Array.of(-Infinity, 2), Int32Array.of(0)).nll).toBe(Infinity)
  })
  it.each([
    [Float32Array.of(), Int32Array.of(), "no rows"],
    [Float32Array.of(1, 2, 3), Int32Array.of(0, 1), "3 logits aren't 2 rows"],
    [Float32Array.of(1, 2), Int32Array.of(2), "label 2 of row 0 is no class of 2"],
    [Float32Array.of(1, 2, NaN, 0), Int32Array.of(0, 0), "a logit of row 1 is NaN"],
  ])("%j with %j are refused", (logits, labels, message) => {
    expect(() => classificationMetrics(logits, labels)).toThrow(message)
  })
})
