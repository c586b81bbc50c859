/** The index of papers, `docs/papers.md`: what is claimed, by which stages and pipelines it is tried, and what came of it. */
import { readFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import type { Plugin } from "@relent/stage"
import { type Claim, readSuite, type Verdict } from "@relent/suite"
import { Effect } from "effect"
import { builtIn } from "../../src/plugins.ts"
import { referenceOf } from "./bibliography.ts"
import { stagesOf } from "./stages.ts"

const root = join(import.meta.dirname, "../../../..")

interface Row {
  readonly source: string
  readonly suite: string
  readonly file: string
  readonly pipeline: string
  readonly stages: ReadonlyArray<string>
  readonly name: string
  readonly claim: Claim
}

const rowsOf = async ({ name: plugin, module, suites }: Plugin): Promise<ReadonlyArray<Row>> => {
  const folder = join(dirname(fileURLToPath(module)), "..")
  const found = suites.map(async (path): Promise<ReadonlyArray<Row>> => {
    const file = join(folder, path)
    const suite = await Effect.runPromise(readSuite(readFileSync(file, "utf8"), file))
    const pipeline = join(dirname(file), suite.pipeline)
    const stages = (key: string) => stagesOf(pipeline, folder, plugin, key)
    return Object.entries(suite.claims).map(([name, claim]) => {
      const source = claim.source ?? suite.source
      const own = stages(source)
      // What a claim borrows from another paper is tried by the stages of its suite's.
      return {
        source,
        suite: suite.suite,
        file,
        pipeline,
        stages: own.length > 0 ? own : stages(suite.source),
        name,
        claim,
      }
    })
  })
  return (await Promise.all(found)).flat()
}

const verdicts: ReadonlyArray<Verdict> = ["reproduced", "not reproduced", "undecided"]

/** `3 reproduced, 1 undecided`, of the full runs. */
const tally = (rows: ReadonlyArray<Row>): string => {
  const count = (verdict: Verdict | undefined) => rows.filter(({ claim }) => claim.recorded?.full === verdict).length
  const counted = verdicts.map((verdict) => [count(verdict), verdict] as const)
  return [...counted, [count(undefined), "not run in full"] as const]
    .filter(([n]) => n > 0)
    .map(([n, word]) => `${n} ${word}`)
    .join(", ")
}

const link = (file: string, text: string) => `[${text}](../${relative(root, file)})`
const cell = (text: string) =>
  text
    .replaceAll(/\s+/g, " ")
    .replaceAll("|", String.raw`\|`)
    .replaceAll("<", "&lt;")
const line = (cells: ReadonlyArray<string>) => `| ${cells.join(" | ")} |`
const unique = (texts: ReadonlyArray<string>) => [...new Set(texts)]

/** The whole file, from the suites of the plugins that come with relent. */
export const papersMarkdown = async (): Promise<string> => {
  const plugins = await Promise.all([...builtIn.values()].map((entry) => entry.load()))
  const rows = (await Promise.all(plugins.map(rowsOf))).flat()
  const bibliography = readFileSync(join(root, "references.bib"), "utf8")
  const papers = [...Map.groupBy(rows, ({ source }) => source)]
    .map(([key, some]) => ({ key, some, ...referenceOf(bibliography, key) }))
    .toSorted((a, b) => `${a.authors[0]} ${a.year}`.localeCompare(`${b.authors[0]} ${b.year}`, "en"))
  const named = ({ authors, year }: (typeof papers)[number]) =>
    `${authors.length > 2 ? `${authors[0]} et al.` : authors.join(" and ")} ${year}`
  const overview = papers.map((paper) =>
    line([
      `[${named(paper)}](#${paper.key}): ${cell(paper.title)}`,
      unique(paper.some.flatMap(({ stages }) => stages))
        .map((stage) => `\`${stage}\``)
        .join(" "),
      unique(paper.some.map(({ pipeline }) => link(pipeline, pipeline.split("/").at(-1)!.replace(".yaml", "")))).join(
        " ",
      ),
      `${paper.some.length}`,
      tally(paper.some),
    ]),
  )
  const sections = papers.map(({ key, some, ...paper }) => {
    const claims = some.map(({ suite, file, name, claim }) =>
      line([
        link(file, suite),
        `\`${name}\`: ${cell(claim.statement)}`,
        claim.recorded?.full ?? "",
        claim.recorded?.quick ?? "",
      ]),
    )
    return `## <a id="${key}"></a>${named({ key, some, ...paper })}\n\n${paper.title}. \`${key}\`\n\n| suite | claim | full | quick |\n|---|---|---|---|\n${claims.join("\n")}`
  })
  return `# Papers

What papers claim, how it is tried here, and the verdicts of the last accepted runs, quick and full apart: *reproduced*, *not reproduced*, or *undecided*. \`relent suite run\` judges them all, \`relent report\` shows how.
Written from the suites by \`RELENT_WRITE_DOCS=1 vitest run --project @relent/runner papers\`; a test compares.

| paper | stages | pipelines | claims | verdicts |
|---|---|---|---|---|
${overview.join("\n")}

${sections.join("\n\n")}
`
}
