/** `relent divergences`: the algebra as a table, or what follows from one definition. */
import { catalogue, type Custom, describe, Divergence, type Row } from "@relent/divergence"
import { type Named, Names, suggest } from "@relent/named"
import { type PluginEntry, registry } from "@relent/stage"
import { Effect, Layer, Schema } from "effect"
import { perform } from "../application.ts"
import { type Arguments, exitCode, texts } from "../command.ts"
import { divergencesMarkdown, divergenceUsers, number } from "../divergence-users.ts"
import { Mistake } from "../mistake.ts"
import { pluginsOf, valueOf } from "../pipeline.ts"
import { builtIn } from "../plugins.ts"
import { paint, tableText } from "../terminal.ts"

const yes = (value: unknown) => (value === true ? "yes" : value === false ? "no" : "")

const overview = (rows: ReadonlyArray<Row>): string =>
  tableText(
    ["divergence", "f(u)", "bound", "f''(1)", "u^2 f''(u)", "symmetric"],
    rows.map(({ name, generator: g, laws }) => [
      name,
      g?.formula ?? "",
      g ? number(g.bound) : "",
      g ? number(g.curvature) : "",
      g?.scoreWeight ?? "",
      yes((laws as unknown as Readonly<Record<string, unknown>>)["symmetric"]),
    ]),
  )

const details = ({ name, spelling, laws, generator: g }: Row): string => {
  const rows: Array<readonly [string, string]> = [
    ["written", typeof spelling === "string" ? spelling : JSON.stringify(spelling)],
  ]
  if (g !== undefined)
    rows.push(
      ["f(u), u = target / model", g.formula],
      ["f(0), f'(inf)", `${number(g.atZero)}, ${number(g.slopeAtInfinity)}`],
      ["bound f(0) + f'(inf)", number(g.bound)],
      ["curvature f''(1)", number(g.curvature)],
      ["score weight u^2 f''(u)", g.scoreWeight],
      ["link f*'(t), t = model / target", `${g.link}  in [${number(g.linkRange[0])}, ${number(g.linkRange[1])}]`],
      ["conjugate finite below", number(g.conjugateBelow)],
      ["properties", g.properties.join(", ")],
    )
  for (const [law, value] of Object.entries(laws)) rows.push([law, yes(value) || String(value)])
  const width = Math.max(...rows.map(([left]) => left.length))
  const note = g?.note === undefined ? "" : `\n${g.note}`
  return `${paint("bold", name)}\n${rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join("\n")}${note}`
}

/** The names of a document are those of the algebra, unless plugins are given. */
const algebra = {
  find: (kind: string, name: string) => {
    const known = catalogue().map((row) => row.name)
    const hint = name.includes("/") ? "give its file with --plugin" : suggest(name, known, kind)
    return Effect.fail(`'${name}' is unknown: ${hint}`)
  },
}

/** The divergences of the given plugins, as full members. */
const ownOf = (plugins: ReadonlyArray<PluginEntry>) =>
  Effect.gen(function* () {
    const loaded = yield* Effect.promise(() => Promise.all(plugins.map((plugin) => plugin.load())))
    const values = yield* Effect.promise(() => Promise.all(loaded.map((plugin) => plugin.values())))
    const own = values.flat().filter((value) => value.kind === "divergence")
    return yield* Effect.forEach(own, (value) => Divergence.judge(value as Named<Custom>))
  })

/** A divergence as a document spells it: a name, or `{alpha: 0.5}`. */
const decode = (text: string) =>
  Effect.flatMap(valueOf(text, text), (value) =>
    Schema.decodeUnknownEffect(Divergence.parameter)(value).pipe(
      Effect.mapError((error) => new Mistake({ message: error.message })),
    ),
  )

export const divergencesCommand = (given: Arguments): Promise<number> =>
  perform(
    Effect.gen(function* () {
      const isJson = given.options["json"] === true
      const [name] = given.positionals
      const plugins = texts(given, "plugin").length > 0 ? yield* pluginsOf(given) : []
      const names = plugins.length > 0 ? registry(plugins) : Layer.succeed(Names, algebra)
      if (name !== undefined) {
        const row = describe(yield* decode(name).pipe(Effect.provide(names)))
        console.log(isJson ? JSON.stringify(row) : details(row))
        return exitCode.done
      }
      const rows = [...catalogue(), ...(yield* ownOf(plugins)).map(describe)]
      if (given.options["markdown"] === true) {
        const users = yield* divergenceUsers([...builtIn.values(), ...plugins])
        console.log(yield* divergencesMarkdown(rows, users).pipe(Effect.provide(names)))
        return exitCode.done
      }
      console.log(isJson ? JSON.stringify(rows) : overview(rows))
      return exitCode.done
    }),
    given,
  )
