/** The table of commands. */
import type { Command, Option } from "./command.ts"

const store: Option = { value: "DIR", about: "where results are kept (default .relent)" }
const backend: Option = {
  value: "NAME",
  about: "tensor backend: tensorflow, wasm or cpu (default $RELENT_BACKEND, or auto: the best installed)",
}
const eager: Option = { about: "run training steps operation by operation instead of recording them" }
const json: Option = { about: "machine-readable output" }
const set: Option = { value: "STAGE.PARAM=VALUE", multiple: true, about: "change a parameter" }
const seed: Option = { value: "N", about: "another seed" }
const plugin: Option = { value: "FILE", multiple: true, about: "a plugin of yours: a TypeScript file, or a package" }
const allow: Option = {
  value: "DIR",
  multiple: true,
  about: "a folder the pipeline may also read files and plugins in",
}

export const commands: ReadonlyArray<Command> = [
  {
    name: "run",
    usage: "PIPELINE",
    about: "run a pipeline (a document, or a TypeScript file that exports one), taking from the store what is there",
    takes: [1, 1],
    options: {
      set,
      seed,
      backend,
      eager,
      store,
      concurrency: { value: "N", about: "steps at once (default 4)" },
      json: { about: "one event a line, of which relent schema event is the schema" },
      force: { value: "STAGE", multiple: true, about: "compute a step although it is in the store" },
      check: { about: "compute everything again and compare it with the store" },
      allow,
    },
    example: "relent run moons.yaml --set model.learningRate=0.01 --seed 7",
    run: (given) => import("./commands/run.ts").then((m) => m.runCommand(given)),
  },
  {
    name: "plan",
    usage: "PIPELINE",
    about: "what a run would take from the store, and why it would compute the rest",
    takes: [1, 1],
    options: { set, seed, backend, eager, store, json, allow },
    run: (given) => import("./commands/plan.ts").then((m) => m.planCommand(given)),
  },
  {
    name: "runs",
    usage: "",
    about: "the runs and their metrics, newest first",
    takes: [0, 0],
    options: { head: { value: "N", about: "runs to show (default 20)" }, store, json },
    run: (given) => import("./commands/runs.ts").then((m) => m.runsCommand(given)),
  },
  {
    name: "show",
    usage: "[RUN]",
    about: "the steps of a run, and their tables (default: the newest)",
    takes: [0, 1],
    options: { store, json },
    run: (given) => import("./commands/show.ts").then((m) => m.showCommand(given)),
  },
  {
    name: "diff",
    usage: "RUN RUN",
    about: "what differs between two runs: parameters, inputs, code, results",
    takes: [2, 2],
    options: { store, json },
    run: (given) => import("./commands/diff.ts").then((m) => m.diffCommand(given)),
  },
  {
    name: "table",
    usage: "REF",
    about: "a table of the newest run: step.output, an output of the pipeline, or a digest",
    takes: [1, 1],
    options: {
      head: { value: "N", about: "rows to show (default 10)" },
      schema: { about: "columns instead of rows" },
      export: { value: "FORMAT|FILE", about: "print it as csv, arrow or parquet, or write a file of that ending" },
      run: { value: "RUN", about: "of another run" },
      store,
      json,
    },
    example: "relent table score.metrics --export scores.csv",
    run: (given) => import("./commands/table.ts").then((m) => m.tableCommand(given)),
  },
  {
    name: "stages",
    usage: "[NAME]",
    about: "all stages, or one with its ports and parameters",
    takes: [0, 1],
    options: { plugin, json },
    run: (given) => import("./commands/stages.ts").then((m) => m.stagesCommand(given)),
  },
  {
    name: "divergences",
    usage: "[NAME]",
    about: "the algebra of divergences, or what follows from one",
    takes: [0, 1],
    options: { plugin, json },
    run: (given) => import("./commands/divergences.ts").then((m) => m.divergencesCommand(given)),
  },
  {
    name: "backends",
    usage: "",
    about: "tensor backends of this machine",
    takes: [0, 0],
    options: { json },
    run: (given) => import("./commands/backends.ts").then((m) => m.backendsCommand(given)),
  },
  {
    name: "store verify",
    usage: "",
    about: "check every byte of the store",
    takes: [0, 0],
    options: { store, repair: { about: "remove what is damaged, so that it is computed again" } },
    run: (given) => import("./commands/store-verify.ts").then((m) => m.storeVerifyCommand(given)),
  },
  {
    name: "store gc",
    usage: "",
    about: "remove what no run needs; what is younger than an hour stays",
    takes: [0, 0],
    options: {
      store,
      keep: { value: "N", about: "keep the newest N runs of each pipeline (default: all)" },
      "dry-run": { about: "only say what would go" },
    },
    run: (given) => import("./commands/store-gc.ts").then((m) => m.storeGcCommand(given)),
  },
  {
    name: "suite run",
    usage: "[SUITE...]",
    about: "judge the claims of suites (default: those that come with relent)",
    takes: [0, 100],
    options: {
      quick: { about: "fewer seeds, smaller parameters" },
      check: { about: "fail (3) when a verdict differs from the record" },
      accept: { about: "record the verdicts" },
      junit: { value: "FILE", about: "write JUnit XML" },
      backend,
      eager,
      store,
      json,
    },
    run: (given) => import("./commands/suite-run.ts").then((m) => m.suiteRunCommand(given)),
  },
  {
    name: "new",
    usage: "pipeline|stage|plugin NAME",
    about: "write files to start from, which run at once",
    takes: [2, 2],
    options: {},
    example: "relent new stage first && relent run first.yaml",
    run: (given) => import("./commands/new.ts").then((m) => m.newCommand(given)),
  },
  {
    name: "schema",
    usage: "[pipeline|suite|event]",
    about: "JSON Schema of pipelines and suites (for editors), or of the lines of --json",
    takes: [0, 1],
    options: {},
    run: (given) => import("./commands/schema.ts").then((m) => m.schemaCommand(given)),
  },
  {
    name: "completions",
    usage: "bash|zsh|fish",
    about: "a completion script for your shell",
    takes: [1, 1],
    options: {},
    run: (given) => import("./completions.ts").then((m) => m.completionsCommand(given)),
  },
]
