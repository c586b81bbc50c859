/** Which methods take which divergence, and why not where not: asked of their parameters, so it can't be out of date. */
import type { Row } from "@relent/divergence"
import { isNamed, type Names } from "@relent/named"
import type { PluginEntry } from "@relent/stage"
import { Effect, Schema } from "effect"

/** A stage, or a loss, with a parameter `divergence`. */
export interface User {
  readonly name: string
  readonly takes: Schema.Codec<unknown, unknown, Names>
}

type Fields = { readonly [parameter: string]: Schema.Codec<unknown, unknown, Names> }

/** The fields of a member of a family, such as a loss. */
const fieldsOf = (value: unknown): Fields =>
  (value as { readonly schema?: { readonly fields?: Fields } } | undefined)?.schema?.fields ?? {}

/** In the order of the plugins. */
export const divergenceUsers = (plugins: ReadonlyArray<PluginEntry>): Effect.Effect<ReadonlyArray<User>> =>
  Effect.promise(async () => {
    const users: Array<User> = []
    const add = (name: string, { divergence }: Fields) => {
      if (divergence !== undefined) users.push({ name, takes: divergence })
    }
    for (const entry of plugins) {
      const plugin = await entry.load()
      for (const value of await plugin.values()) if (isNamed(value)) add(value.name, fieldsOf(value.value))
      for (const load of Object.values(plugin.stages)) {
        const { id, definition } = await load()
        add(id, definition.parameters as Fields)
      }
    }
    return users
  })

/** Why a method refuses a divergence; nothing if it takes it. */
const refusal = ({ takes }: User, { spelling, name }: Row) =>
  Schema.decodeUnknownEffect(takes)(spelling).pipe(
    Effect.match({
      onSuccess: () => undefined,
      onFailure: ({ message }) =>
        /needs? (.+)/.exec(message)?.[1]?.replaceAll(name, "it") ?? "one of its own, between sets of points",
    }),
  )

const text = (value: string) => value.replaceAll("|", String.raw`\|`)
/** Six digits, or `inf`. */
export const number = (value: number): string =>
  value === Infinity ? "inf" : value === -Infinity ? "-inf" : Number(value.toPrecision(6)).toString()

const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>) =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n")

/** The algebra and its users as Markdown. */
export const divergencesMarkdown = (rows: ReadonlyArray<Row>, users: ReadonlyArray<User>) =>
  Effect.gen(function* () {
    const reasons: Array<string> = []
    const cells = yield* Effect.forEach(rows, (row) =>
      Effect.forEach(users, (user) =>
        Effect.map(refusal(user, row), (reason) => {
          if (reason === undefined) return "yes"
          if (!reasons.includes(reason)) reasons.push(reason)
          return `no (${reasons.indexOf(reason) + 1})`
        }),
      ),
    )
    const spelled = ({ spelling }: Row) => `\`${typeof spelling === "string" ? spelling : JSON.stringify(spelling)}\``
    const facts = rows.flatMap((row) =>
      row.generator === undefined
        ? []
        : [
            [
              spelled(row),
              text(row.generator.formula),
              ...[row.generator.bound, row.generator.curvature].map(number),
              text(row.generator.scoreWeight),
              text(row.generator.link),
            ],
          ],
    )
    return [
      "u = target / model, t = model / target. `relent divergences NAME` tells all that follows from one.",
      table(["divergence", "f(u)", "f(0) + f'(inf)", "f''(1)", "u^2 f''(u)", "link f*'(t)"], facts),
      "Which methods take which; a divergence of one's own is judged by the same properties.",
      table(
        ["divergence", ...users.map(({ name }) => `\`${name}\``)],
        rows.map((row, i) => [spelled(row), ...cells[i]!]),
      ),
      reasons.map((reason, i) => `${i + 1}. needs ${reason}`).join("\n"),
    ].join("\n\n")
  })
