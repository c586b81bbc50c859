/** `relent divergences`: the algebra as a table, or what follows from one definition. */
import { catalogue, describe, Divergence, type Row } from "@relent/divergence"
import { Names, suggest } from "@relent/named"
import { Effect, Schema } from "effect"
import { parse } from "yaml"
import { type Arguments, exitCode } from "../command.ts"
import { paint, tableText } from "../terminal.ts"

const number = (value: number) =>
  value === Infinity ? "inf" : value === -Infinity ? "-inf" : Number(value.toPrecision(6)).toString()
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

/** A divergence as a document spells it: a name, or `{alpha: 0.5}`. */
const decode = (text: string) =>
  Schema.decodeUnknownEffect(Divergence.parameter)(parse(text)).pipe(
    Effect.provideService(Names, {
      find: (kind, name) =>
        Effect.fail(
          `'${name}' is unknown: ${suggest(
            name,
            catalogue().map((row) => row.name),
            kind,
          )}`,
        ),
    }),
    Effect.result,
  )

export const divergencesCommand = async (given: Arguments): Promise<number> => {
  const isJson = given.options["json"] === true
  const [name] = given.positionals
  if (name === undefined) {
    const rows = catalogue()
    console.log(isJson ? JSON.stringify(rows) : overview(rows))
    return exitCode.done
  }
  const found = await Effect.runPromise(decode(name))
  if (found._tag === "Failure") {
    console.error(found.failure.message)
    return exitCode.user
  }
  console.log(isJson ? JSON.stringify(describe(found.success)) : details(describe(found.success)))
  return exitCode.done
}
