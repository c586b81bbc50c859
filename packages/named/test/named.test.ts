import { Effect, Layer, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { Family, invalid, Named, namedIn, Names, suggest } from "../src/index.ts"

const Reward = Named.kind<(answer: number) => number>("reward")
const Loss = Family.make<(x: number) => number>("loss")
const Positive = Schema.Finite.check(Schema.isGreaterThan(0))

const size = Reward.define(import.meta.url, "mine/size", 1, (answer) => answer)
const scaled = Loss.define(
  import.meta.url,
  "mine/scaled",
  1,
  { by: Positive.pipe(Schema.withDecodingDefaultKey(Effect.succeed(2))), reward: Schema.optionalKey(Reward.parameter) },
  ({ by }) =>
    (x) =>
      by * x,
)
const ordered = Loss.define(
  import.meta.url,
  "mine/ordered",
  1,
  Schema.Struct({ low: Positive, high: Positive }).check(
    Schema.makeFilter(({ low, high }) =>
      low <= high ? undefined : { path: ["low"], issue: "a value of at most 'high'" },
    ),
  ),
  ({ low, high }) =>
    (x) =>
      Math.min(high, Math.max(low, x)),
)
const members: ReadonlyArray<Named<unknown>> = [size, scaled, ordered]
const names = Layer.succeed(Names, {
  find: (kind, name) => {
    const found = members.find((m) => m.kind === kind && m.name === name)
    return found
      ? Effect.succeed(found)
      : Effect.fail(
          `'${name}' is unknown: ${suggest(
            name,
            members.map((m) => m.name),
            kind,
          )}`,
        )
  },
})
const strict = { errors: "all", onExcessProperty: "error" } as const
const decode = <A, I>(schema: Schema.Codec<A, I, Names>, value: unknown) =>
  Effect.runPromise(Schema.decodeUnknownEffect(schema)(value, strict).pipe(Effect.provide(names)))
const message = (schema: Schema.Codec<any, any, Names>, value: unknown) =>
  decode(schema, value).catch((error: Error) => error.message)
const encode = <A, I>(schema: Schema.Codec<A, I, Names>, value: A) =>
  Effect.runPromise(Schema.encodeEffect(schema)(value).pipe(Effect.provide(names)))

describe("a kind", () => {
  it("decodes a name to its value and back", async () => {
    const found = await decode(Reward.parameter, "mine/size")
    expect(found.value(3)).toBe(3)
    expect(await encode(Reward.parameter, found)).toBe("mine/size")
  })
  it("says what was meant by an unknown name", async () => {
    expect(await message(Reward.parameter, "mine/sise")).toContain("did you mean 'mine/size'?")
  })
})

describe("a family", () => {
  const parameter = Loss.parameter("mine")
  it("takes a bare name, a short name, and a name with parameters", async () => {
    for (const spelling of ["scaled", "mine/scaled", { scaled: {} }])
      expect((await decode(parameter, spelling)).value(3)).toBe(6)
    expect((await decode(parameter, { scaled: { by: 5 } })).value(3)).toBe(15)
  })
  it("encodes with its defaults written out", async () => {
    expect(await encode(parameter, await decode(parameter, "scaled"))).toEqual({ scaled: { by: 2 } })
    expect(await encode(parameter, await decode(parameter, "mine/scaled"))).toEqual({ scaled: { by: 2 } })
  })
  it("points at the parameter that is wrong", async () => {
    expect(await message(parameter, { scaled: { by: -1 } })).toMatch(/greater than 0[\s\S]*\["scaled"\]\["by"\]/)
    expect(await message(parameter, { scaled: { bye: 1 } })).toMatch(/\["scaled"\]\["bye"\]/)
    expect(await message(parameter, { scaled: {}, other: {} })).toContain("wants one loss")
    expect(await message(parameter, "skaled")).toContain("did you mean 'mine/scaled'?")
  })
  it("checks parameters together", async () => {
    expect((await decode(parameter, { ordered: { low: 1, high: 2 } })).value(3)).toBe(2)
    expect(await message(parameter, { ordered: { low: 3, high: 2 } })).toMatch(
      /at most 'high'[\s\S]*\["ordered"\]\["low"\]/,
    )
  })
  it("shows the named values inside its parameters", async () => {
    const loss = await decode(parameter, { scaled: { reward: "mine/size" } })
    expect(namedIn({ loss }).map((n) => n.name)).toEqual(["mine/scaled", "mine/size"])
  })
})

it("an issue carries its words", () => {
  expect(invalid("no", 1)).toMatchObject({ _tag: "InvalidValue" })
})
