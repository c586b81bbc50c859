/** The outcomes of suites as Markdown: a table a suite, for an issue, a pull request or a log. */
import { hasChanged, manyTests, type Outcome } from "./verdict.ts"

/** Text that stays text in a cell of a table. */
const inCell = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(/[\\`*_[\]|~]/g, String.raw`\$&`)
    .replaceAll(/\s+/g, " ")

const digits = (value: number): string =>
  Number.isFinite(value) ? Number(value.toPrecision(4)).toString() : value > 0 ? "∞" : value < 0 ? "−∞" : "not a number"

const record = (outcome: Outcome): string =>
  outcome.recorded === undefined ? "new" : hasChanged(outcome) ? `was ${outcome.recorded}` : "as recorded"

const row = (outcome: Outcome): string => {
  const { claim, statement, verdict, interval, wins, seeds, metric } = outcome
  const cells = [
    `**${inCell(claim)}**: ${inCell(statement)}`,
    verdict,
    record(outcome),
    `${digits(interval.mean)} [${digits(interval.low)}, ${digits(interval.high)}]`,
    `${wins}/${seeds}`,
    inCell(metric),
  ]
  return `| ${cells.join(" | ")} |`
}

/** A heading and a table a suite, and how many verdicts of each kind there are. */
export const markdown = (outcomes: ReadonlyArray<Outcome>): string => {
  const suites = [...Map.groupBy(outcomes, ({ suite }) => suite)]
  const counts = [...Map.groupBy(outcomes, ({ verdict }) => verdict)].map(
    ([verdict, some]) => `${some.length} ${verdict}`,
  )
  const chance = manyTests(outcomes)
  const changed = outcomes.filter(hasChanged).length
  const tables = suites.map(([suite, some]) => {
    const sources = [...new Set(some.map(({ source }) => source))].map(inCell).join(", ")
    return [
      `## ${inCell(suite)}`,
      `Source: ${sources}.`,
      `| claim | verdict | record | difference [95 %] | seeds | metric |\n|---|---|---|---|---|---|\n${some.map(row).join("\n")}`,
      ...some.flatMap(({ claim, expected }) =>
        expected === undefined
          ? []
          : [`**${inCell(claim)}** was expected ${expected.verdict}: ${inCell(expected.why)}`],
      ),
    ].join("\n\n")
  })
  const summary = `${outcomes.length} ${outcomes.length === 1 ? "claim" : "claims"}: ${counts.join(", ")}; ${changed === 0 ? "all as recorded" : `${changed} not as recorded`}.`
  return `${["# Verdicts", summary, ...(chance === undefined ? [] : [`${chance}.`]), ...tables].join("\n\n")}\n`
}
