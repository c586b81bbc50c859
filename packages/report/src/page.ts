/** The model of a page: everything it shows, as plain data. */
import { basename } from "node:path"
import type { Manifest } from "@relent/runtime"
import { manyTests, type Outcome, type Size } from "@relent/suite"
import { type Card, cardOf } from "./card.ts"
import { armChart, type Chart, curveChart, ownChart } from "./chart.ts"
import { curvesOf } from "./curve.ts"
import { type Detail, detailOf, type Fact } from "./detail.ts"
import { type Graph, graphOf } from "./graph.ts"
import { emittedOf, type Held } from "./held.ts"
import { counted, duration } from "./spell.ts"
import { groupsOf } from "./steps.ts"
import { type ShownTable, shownTable } from "./table.ts"

/** A table of the page. */
export interface TablePart extends ShownTable {
  readonly name: string
  /** Names under which the pipeline gives it. */
  readonly outputs: ReadonlyArray<string>
  /** Rows there are; those shown may be fewer. */
  readonly total: number
  readonly gone: number
}

/** A run, and the verdicts on it if it was a suite's. */
export interface Section {
  readonly title: string
  readonly facts: ReadonlyArray<Fact>
  readonly cards: ReadonlyArray<Card>
  readonly charts: ReadonlyArray<Chart>
  readonly graph: Graph
  readonly details: ReadonlyArray<Detail>
  readonly tables: ReadonlyArray<TablePart>
}

export interface Page {
  readonly title: string
  /** What to bear in mind of all verdicts together. */
  readonly note?: string
  readonly sections: ReadonlyArray<Section>
}

/** A suite as it was judged on a run. */
export interface JudgedSuite {
  readonly suite: string
  readonly source: string
  readonly size: Size
  readonly seeds: ReadonlyArray<number>
  readonly outcomes: ReadonlyArray<Outcome>
}

/** What one section is made from. */
export interface Material {
  readonly manifest: Manifest
  readonly held: ReadonlyArray<Held>
  readonly judged?: JudgedSuite
}

/** Rows shown of a table; of one with images fewer, since each takes hundreds of bytes. */
const mostRows = 200
const mostImages = 60
/** Charts of one table, one a point. */
const mostCharts = 12

const factsOf = ({ manifest, judged }: Material): ReadonlyArray<Fact> => {
  const { run, pipeline, seed, file, started, status, milliseconds, steps } = manifest
  const computed = steps.filter((step) => step.status === "computed").length
  const facts: ReadonlyArray<Fact> = [
    ["status", status],
    ["pipeline", pipeline],
    ["run", run],
    ["began", started],
    ["took", `${duration(milliseconds)}: ${computed} computed, ${steps.length - computed} cached`],
    ["seed", judged === undefined ? String(seed) : ""],
    ["seeds", judged === undefined ? "" : judged.seeds.join(", ")],
    ["size", judged?.size ?? ""],
    ["source", judged?.source ?? ""],
    // Its folder says more of the machine than of the run, and a page is for showing around.
    ["document", file === undefined ? "" : basename(file)],
  ]
  return facts.filter(([, value]) => value !== "")
}

const armCharts = ({ outcomes, seeds }: JudgedSuite): ReadonlyArray<Chart> =>
  [...Map.groupBy(outcomes, ({ metric }) => metric)].map(([metric, some]) => armChart(metric, some, seeds))

const tablePart = ({ name, outputs, points, rows: total, gone }: Held): TablePart => {
  const hasImages = shownTable(points, 1).rows.some((row) => row.some(({ kind }) => kind === "image"))
  return { name, outputs, total, gone, ...shownTable(points, hasImages ? mostImages : mostRows) }
}

/** A run among several is called by its own name: two may be of one pipeline. */
const sectionOf = (material: Material, alone: boolean): Section => {
  const { manifest, held, judged } = material
  const own = held.flatMap(({ name, points }) =>
    points.slice(0, mostCharts).flatMap((point) => ownChart(name, point) ?? []),
  )
  return {
    title: judged?.suite ?? (alone ? manifest.pipeline : manifest.run),
    facts: factsOf(material),
    cards: (judged?.outcomes ?? []).map(cardOf),
    charts: [...(judged === undefined ? [] : armCharts(judged)), ...own, ...curvesOf(emittedOf(held)).map(curveChart)],
    graph: graphOf(manifest),
    details: groupsOf(manifest).map(detailOf),
    tables: held.map(tablePart),
  }
}

/** The page of a run, or of suites. */
export const pageOf = (materials: ReadonlyArray<Material>): Page => {
  const sections = materials.map((material) => sectionOf(material, materials.length === 1))
  const isJudged = materials.some(({ judged }) => judged !== undefined)
  const title = sections.length === 1 ? sections[0]!.title : counted(sections.length, isJudged ? "suite" : "run")
  const note = manyTests(materials.flatMap(({ judged }) => judged?.outcomes ?? []))
  const noted = note === undefined ? {} : { note }
  return {
    ...noted,
    title: isJudged ? `Verdicts: ${title}` : sections.length === 1 ? `Run of ${title}` : title,
    sections,
  }
}
