/** The verbs as a new user meets them: mistakes say what was meant, and nothing ends in a defect. */
import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Ajv2020 } from "ajv/dist/2020.js"
import { beforeAll, describe, expect, it } from "vitest"
import { parse } from "yaml"
import { resumeCommand } from "../src/resume.ts"
import { inFolder, relent } from "./relent.ts"

const folder = inFolder()
const quick = join(import.meta.dirname, "../../../plugins/distillation/pipelines/quick.yaml")

beforeAll(async () => {
  folder.write(
    "moons.yaml",
    `name: moons
seed: 1
stages:
  data: {stage: datasets/two-moons, with: {rows: 40}}
  model: {stage: distillation/train-classifier, in: {data: data.data}, with: {hidden: [4], steps: 4, batch: 8, every: 2}}
  score: {stage: distillation/evaluate, in: {model: model.model, data: data.data}}
outputs: {score: score.metrics, training: model.metrics}
`,
  )
  await relent("run", "moons.yaml")
  await relent("run", "moons.yaml", "--set", "model.steps=6")
}, 60_000)

describe("results", () => {
  it("are listed with their metrics", async () => {
    expect((await relent("runs")).out).toMatch(/moons-\S+ +finished +1 +2 +1 .*score\.accuracy 0\.\d+/)
    const all = JSON.parse((await relent("runs", "--json", "--head", "1")).out) as ReadonlyArray<{
      readonly metrics: Readonly<Record<string, number>>
    }>
    expect(all).toHaveLength(1)
    expect(all[0]!.metrics).toMatchObject({ "score.accuracy": expect.any(Number), "training.loss": expect.any(Number) })
  })
  it("differ in parameters, and in numbers", async () => {
    const [after, before] = JSON.parse((await relent("runs", "--json")).out) as ReadonlyArray<{ readonly run: string }>
    expect((await relent("diff", before!.run, after!.run)).out).toMatch(
      /model\n {2}parameter steps: 4 -> 6\n {2}results differ: model, metrics\n[\s\S]*score\n {2}input model changed\n[\s\S]*nll [\d.]+ -> [\d.]+/,
    )
    expect((await relent("diff", before!.run, before!.run)).out).toContain("The runs are the same")
    expect(await relent("diff", "moons", "moon!")).toMatchObject({ code: 1 })
  })
  it("are tables by the name of an output, and leave by standard output", async () => {
    expect((await relent("table", "score", "--export", "csv")).out).toMatch(/^member,accuracy,nll,brier,ece\n0,0\.\d+/)
    expect((await relent("table", "score", "--schema")).out).toMatch(/accuracy +float64/)
    expect((await relent("table", "data.data", "--head", "0")).out).toContain("0 of 40 rows")
    expect(await relent("table", "scores")).toMatchObject({ code: 1, error: expect.stringContaining("'score'?") })
    for (const target of ["xlsx", "no/such/folder.csv", "toString"])
      expect(await relent("table", "score", "--export", target)).toMatchObject({ code: 1 })
    expect(await relent("table", "score", "--head", "-1")).toMatchObject({ code: 1 })
  })
})

describe("a mistake on the command line", () => {
  it.each([
    [["rum"], "did you mean 'run'?"],
    [["store", "verfy"], "did you mean 'store verify'?"],
    [["run", "--conccurency", "3", "moons.yaml"], "did you mean '--concurrency'?"],
    [["run"], "wants PIPELINE"],
    [["run", "moons.yml"], "there is no such file"],
    [["run", "."], "is a folder"],
    [["run", "moons.yaml", "--force", "modle"], "did you mean 'model'?"],
    [["run", "moons.yaml", "--backend", "wasn"], "did you mean 'wasm'?"],
    [["run", "moons.yaml", "--seed", "1e400"], "a seed is a whole number"],
    [["run", "moons.yaml", "--seed", "99999999999999999999"], "a seed is a whole number"],
    [["run", "moons.yaml", "--concurrency", "0"], "1 or more"],
    [["run", "moons.yaml", "--store", "moons.yaml"], "moons.yaml"],
    [["show", "moon-1"], "there is no run 'moon-1'"],
    [["stages", "datasets/two-mons"], "did you mean 'datasets/two-moons'?"],
    [["divergences", "{alpha: x}"], "alpha"],
    [["divergences", "["], "the value is YAML"],
    [["divergences", "mine/x"], "--plugin"],
    [["stages", "--plugin", "./none.ts"], "there is no such file"],
    [["suite", "run", "none.yaml"], "there is no such file"],
    [["suite", "run", "moons.yaml"], "moons.yaml:1:1"],
    [["schema", "events"], "did you mean 'event'?"],
    [["completions", "constructor"], "bash"],
  ])("%j", async (words, message) => {
    const { code, error } = await relent(...words)
    expect(error).toContain(message)
    expect(code).toBe(words.includes("--store") ? 2 : 1)
  })
})

describe("--set", () => {
  it.each([
    ["data.rows=[", "must end with a ]"],
    ["data.rows=.nan", "data.with.rows"],
    ["data.rows=-.inf", "data.with.rows"],
    ["data.rows=1e999", "data.with.rows"],
    ["data.rows=1.5", "data.with.rows"],
    ["data.rows=9007199254740993", "data.with.rows"],
    ["data.rows=*a", "Unresolved alias"],
    [`data.rows=${"[".repeat(500)}`, "--set"],
    ["data.__proto__.x=1", "there is no parameter"],
    ["data.constructor.x=1", "there is no parameter"],
    ["__proto__.rows=1", "there is no step"],
    ["toString.rows=1", "there is no step"],
    ["data=1", "STAGE.PARAM=VALUE"],
    ["=", "STAGE.PARAM=VALUE"],
    ["data.=1", "STAGE.PARAM=VALUE"],
    ["data.rows.deep=1", "there is no parameter at 'rows.deep'"],
    ["model.hidden=[1,,]", "--set"],
    ["model.hidden={}", "model.with.hidden"],
  ])("%s", async (assignment, message) => {
    const { code, error } = await relent("run", "moons.yaml", "--set", assignment)
    expect(error).toContain(message)
    expect(code).toBe(1)
  })
  it("to more than a machine has is the stage's failure", async () => {
    const { code, error } = await relent("run", "moons.yaml", "--set", "data.rows=9007199254740991")
    expect(error).toContain("wants more memory than there is")
    expect(code).toBe(2)
  })
})

describe("the schema of documents", () => {
  it("accepts the demo and refuses a typo", async () => {
    const validate = new Ajv2020({ strict: false }).compile(JSON.parse((await relent("schema")).out) as object)
    const demo = parse(readFileSync(quick, "utf8")) as Readonly<Record<string, unknown>>
    expect([validate(demo), validate.errors]).toEqual([true, null])
    expect(validate({ ...demo, sede: 1 })).toBe(false)
    expect(validate({ ...demo, seed: "one" })).toBe(false)
    expect(validate({ ...demo, stages: { data: { stage: "datasets/mnist", wiht: {} } } })).toBe(false)
    const step = (given: object) => ({ ...demo, stages: { data: { stage: "datasets/two-moons", with: given } } })
    expect([validate(step({ rows: 4 })), validate(step({ rows: -4 })), validate(step({ roms: 4 }))]).toEqual([
      true,
      false,
      false,
    ])
  })
  it("of the lines of --json accepts every event of a run, and of a suite", async () => {
    const validate = new Ajv2020({ strict: false }).compile(JSON.parse((await relent("schema", "event")).out) as object)
    folder.write("suite.yaml", suite)
    const outputs = [
      await relent("run", "moons.yaml", "--json", "--set", "model.steps=5"),
      await relent("run", "moons.yaml", "--json", "--set", "data.rows=4"),
      await relent("suite", "run", "suite.yaml", "--json"),
    ]
    const events = outputs
      .flatMap(({ out }) => out.trim().split("\n"))
      .map((line) => JSON.parse(line) as { _tag: string })
    for (const event of events) expect([validate(event), event, validate.errors]).toEqual([true, event, null])
    const tags =
      "RunStarted StepStarted StepProgress StepMetric StepCached StepFinished StepFailure RunFinished ClaimJudged"
    expect(new Set(events.map((e) => e._tag))).toEqual(new Set(tags.split(" ")))
    for (const e of events.filter(({ _tag }) => _tag === "StepFinished"))
      expect(Object.values((e as unknown as { outputs: object }).outputs)[0]).toMatchObject({
        digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      })
  })
})

const suite = `suite: tiny
source: hinton2015distilling
pipeline: moons.yaml
seeds: [11, 12]
arms: {model: {table: score.metrics}}
claims:
  learns: {statement: It learns., metric: accuracy, test: {every: model, above: 0}, recorded: {full: reproduced}}
  fails: {statement: It doesn't., metric: accuracy, test: {greater: [model, model]}, recorded: {full: reproduced}}
`

it("a verdict that changed has its own exit code, until it is accepted", async () => {
  folder.write("suite.yaml", suite)
  expect(await relent("suite", "run", "suite.yaml")).toMatchObject({ code: 0 })
  expect(await relent("suite", "run", "suite.yaml", "--check")).toMatchObject({
    code: 3,
    error: expect.stringContaining("1 of 2 verdicts differ from the record"),
  })
  await relent("suite", "run", "suite.yaml", "--accept")
  expect(await relent("suite", "run", "suite.yaml", "--check", "--markdown", "v.md")).toMatchObject({ code: 0 })
  expect(readFileSync(folder.path("v.md"), "utf8")).toMatch(/^# Verdicts\n\n2 claims: .*; all as recorded\./)
})

it("every stage of every plugin tells its ports and parameters", async () => {
  const all = JSON.parse((await relent("stages", "--json")).out) as ReadonlyArray<{ readonly id: string }>
  expect(all.length).toBeGreaterThan(30)
  for (const { id } of all)
    expect(await relent("stages", id)).toMatchObject({ code: 0, out: expect.stringContaining(`${id}  `) })
  expect((await relent("stages", "distillation/train-classifier")).out).toMatch(/piece +none +integer > 0/)
})

it("help names every command and exit code, and each command its options", async () => {
  const { out } = await relent("--help")
  for (const word of [
    "run PIPELINE",
    "new pipeline",
    "store verify",
    "  0 ",
    "  1 ",
    "  2 ",
    "  3 ",
    "  130 ",
    "  70 ",
  ])
    expect(out).toContain(word)
  expect((await relent("help", "run")).out).toContain("--set STAGE.PARAM=VALUE ...")
  expect(await relent("store", "--help")).toMatchObject({ code: 0, out: expect.stringContaining("store gc") })
  expect(await relent("store")).toMatchObject({ code: 1 })
})

it("completions work in bash", async () => {
  folder.write("completions.sh", (await relent("completions", "bash")).out)
  const complete = (...words: ReadonlyArray<string>) =>
    execFileSync(
      "bash",
      [
        "-c",
        `. ./completions.sh; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _relent; echo "\${COMPREPLY[@]}"`,
        "bash",
        "relent",
        ...words,
      ],
      { cwd: folder.path(), encoding: "utf8" },
    ).trim()
  expect(complete("st")).toBe("stages store")
  expect(complete("store", "")).toBe("verify gc")
  expect(complete("new", "p")).toBe("pipeline plugin")
  expect(complete("backend", "")).toBe("add remove list")
  expect(complete("backend", "add", "t")).toBe("tensorflow")
  expect(complete("backend", "add", "--c")).toBe("--cuda")
  expect(complete("run", "moons.yaml", "--s")).toBe("--set --seed --store")
  expect(complete("run", "moo")).toBe("")
})

it("the command that goes on has all options, as a shell reads them", () => {
  const options = { set: ["a.b=[1, 2]", "c.d=it's"], seed: "-3", json: true, check: true, store: "a b" }
  expect(resumeCommand("run", { positionals: ["-x.yaml"], options }, ["check"])).toBe(
    String.raw`relent run ./-x.yaml --set 'a.b=[1, 2]' --set 'c.d=it'\''s' --seed=-3 --json --store 'a b' --backend ${process.env["RELENT_BACKEND"]}`,
  )
})
