/** The parameter that plugins use. */
import { Names } from "@relent/named"
import { Effect, Layer, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { Divergence, FDivergence, Property } from "../src/index.ts"

const tempered = Divergence.define(import.meta.url, "mine/tempered", 1, {
  f: (u, { div, pow, sub }) => div(pow(sub(u, 1), 2), 3),
})
const concave = Divergence.define(import.meta.url, "mine/concave", 1, { f: (u, { log }) => log(u) })
const names = Layer.succeed(Names, {
  find: (kind, name) => {
    const found = [tempered, concave].find((m) => m.kind === kind && m.name === name)
    return found ? Effect.succeed(found) : Effect.fail(`'${name}' is unknown`)
  },
})
type Parameter = typeof Divergence.parameter | ReturnType<typeof Divergence.having>
const decode = (schema: Parameter, value: unknown) =>
  Effect.runPromise(Schema.decodeUnknownEffect(schema)(value, { errors: "all" }).pipe(Effect.provide(names)))
const message = (schema: Parameter, value: unknown) =>
  decode(schema, value).then(
    () => "accepted",
    (error: Error) => error.message,
  )
const { parameter, having } = Divergence

describe("a divergence by its spelling", () => {
  it.each([
    ["kl"],
    [{ alpha: 0.5 }],
    [{ "skewed-jensen-shannon": 0.2 }],
    [{ renyi: 2 }],
    ["cauchy-schwarz"],
    ["mine/tempered"],
  ])("%j, and back", async (spelling) => {
    const d = await decode(parameter, spelling)
    expect(d.between([0.9, 0.1], [0.5, 0.5])).toBeGreaterThan(0.1)
    const encoded = Schema.encodeEffect(parameter)(d).pipe(Effect.provide(names))
    expect(await Effect.runPromise(encoded)).toEqual(spelling)
  })
  it("a user's own, derived from f alone", async () => {
    const d = await decode(parameter, "mine/tempered")
    expect(d).toBeInstanceOf(FDivergence)
    expect(d.between([0.9, 0.1], [0.5, 0.5])).toBeCloseTo(0.64 / 3, 12)
  })
  it.each<[unknown, string]>([
    ["jensen-shanon", "did you mean 'jensen-shannon'?"],
    ["wasserstein-3", "no such divergence; there is cauchy-schwarz, jeffreys,"],
    ["alpha", "'alpha' wants the order a, any number: {alpha: 0.3}"],
    [{ alhpa: 1 }, "did you mean 'alpha'?"],
    [{ kl: 1 }, "'kl' has no parameter: write 'kl'"],
    [{ alpha: 1, renyi: 2 }, "wants one divergence"],
    [{}, "wants one divergence"],
    [{ renyi: -1 }, "'renyi' wants a finite number above 0, got -1"],
    [{ alpha: "half" }, "alpha"],
    ["mine/unknown", "'mine/unknown' is unknown"],
    ["mine/concave", "'mine/concave' is not a divergence: f is not convex"],
  ])("%j is refused", async (value, words) => expect(await message(parameter, value)).toContain(words))
})

describe("a divergence with properties", () => {
  it.each([
    [
      "total-variation",
      having(Property.smooth),
      "'total-variation' doesn't fit: this needs a second derivative above 0",
    ],
    ["pearson-chi2", having(Property.boundedLink), "this needs f*' between two finite limits"],
    ["neyman-chi2", having(Property.fullSupport), "so that the optimum has full support"],
    ["reverse-kl", having(Property.targetMayVanish), "a finite f(0), for targets with zeros"],
    ["kl", having(Property.modelMayVanish), "a finite f'(infinity)"],
    ["kl", having(Property.bounded), "a largest value"],
    ["jensen-shannon", having(Property.finiteConjugate), "the conjugate is finite everywhere"],
    [{ renyi: 2 }, having(), "'renyi 2' doesn't fit: this needs a generator f"],
  ])("%j is refused with the reason", async (value, schema, words) => {
    expect(await message(schema, value)).toContain(words)
    expect(await message(parameter, value)).toBe("accepted")
  })
  it("what f-DPO rejects, and what it takes", async () => {
    const schema = having(Property.fullSupport)
    for (const taken of ["kl", "reverse-kl", "jensen-shannon", { alpha: 0.5 }])
      expect(await message(schema, taken)).toBe("accepted")
    for (const refused of ["total-variation", "neyman-chi2"])
      expect(await message(schema, refused)).toContain("doesn't fit")
  })
})
