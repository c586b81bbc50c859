/** Every training with every loss of the plugins gives the same numbers recorded and not. Where steps are recorded: `tensorflow`. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { FDivergence, kernelDivergences, members, Property } from "@relent/divergence"
import { Resources, run, type RunEvent, Store } from "@relent/runtime"
import { type PipelineDocument, read, registry } from "@relent/stage"
import { testBackendName } from "@relent/tensor/testing"
import { Effect, Layer } from "effect"
import { expect, it } from "vitest"
import { backendResource } from "../src/backend-resource.ts"
import { builtIn } from "../src/plugins.ts"

type Parameters = Readonly<Record<string, unknown>>
/** Names of a plugin's values of one kind. */
const named = async (plugin: string, kind: string): Promise<ReadonlyArray<string>> => {
  const values = await (await builtIn.get(`@relent/${plugin}`)!.load()).values()
  return values.filter((value) => value.kind === kind).map(({ name }) => name)
}
const generated = members.filter((d) => d instanceof FDivergence)
const spellings = (divergences: typeof members) => divergences.map(({ spelling }) => spelling)

/** By the step of `training.yaml` that it is instead of. */
const variants = async (): Promise<Readonly<Record<string, ReadonlyArray<Parameters>>>> => ({
  student: [
    ...(await named("distillation", "loss")).map((loss) => ({ loss })),
    ...spellings(members).map((divergence) => ({ loss: { kd: { divergence } } })),
  ],
  "self-student": (await named("distillation", "self-loss")).map((loss) => ({ loss })),
  pair: [{ update: "alternate" }],
  generator: spellings(generated.filter(Property.smooth.holds)).map((divergence) => ({ divergence })),
  moved: Object.keys(kernelDivergences).map((divergence) => ({ divergence })),
  koopman: [{ operator: "per-trajectory" }, { entropy: "minimised" }, { encoder: "stochastic" }],
  bottleneck: [
    ...(await named("koopman-ib", "prediction")).map((prediction) => ({ prediction })),
    ...(await named("koopman-ib", "compression")).map((compression) => ({ compression })),
  ],
  adapted: [
    ...spellings(generated).map((divergence) => ({ divergence })),
    { ratio: "max-normalised" },
    { size: { lower: 0.9, upper: 1.1 } },
  ],
})

const fewer = (given: Parameters): Parameters => ({
  ...given,
  ...("steps" in given && { steps: 4 }),
  ...("epochs" in given && { epochs: 2 }),
  ...("every" in given && { every: 1 }),
})

/** `training.yaml` with few steps, and beside its trainings the variants of each. */
const edited =
  (all: Awaited<ReturnType<typeof variants>>) =>
  ({ stages, ...rest }: PipelineDocument): PipelineDocument => {
    const short = Object.fromEntries(
      Object.entries(stages).map(([name, entry]) => [
        name,
        entry.with === undefined ? entry : { ...entry, with: fewer(entry.with) },
      ]),
    )
    const more = Object.entries(all).flatMap(([name, some]) =>
      some.map((parameters, i) => [`${name}-${i}`, { ...short[name]!, with: { ...short[name]!.with, ...parameters } }]),
    )
    return { ...rest, stages: { ...short, ...Object.fromEntries(more) } }
  }

const document = readFileSync(join(import.meta.dirname, "training.yaml"), "utf8")

type Row = Readonly<Record<string, unknown>>

/** The metrics of all steps, those of each in a list; and the numerics classes. */
const trained = async (eager: boolean) => {
  const store = mkdtempSync(join(tmpdir(), "relent recorded "))
  const edit = edited(await variants())
  const layer = Layer.mergeAll(
    Store.layer(store),
    Layer.succeed(Resources, { backend: backendResource("tensorflow", eager) }),
    registry([...builtIn.values()]),
  )
  const metrics: Record<string, Array<Row>> = {}
  const report = (event: RunEvent) =>
    Effect.sync(() => {
      if (event._tag === "StepMetric") (metrics[event.step] ??= []).push(event.row)
    })
  const manifest = read(document, { edit }).pipe(Effect.flatMap((checked) => run(checked, { report })))
  try {
    const { steps } = await Effect.runPromise(Effect.provide(manifest, layer))
    return { metrics, numerics: steps.map(({ parts }) => parts.numerics).join() }
  } finally {
    rmSync(store, { recursive: true })
  }
}

/** TensorFlow joins operations of a recorded step: last digits may differ, also those of numbers that are differences of others near 1. */
const near = (found: unknown, wanted: unknown) =>
  typeof found === "number" && typeof wanted === "number"
    ? Math.abs(found - wanted) <= 1e-5 * Math.abs(wanted) + 3e-7
    : found === wanted

it.runIf(testBackendName === "tensorflow")(
  "every training and every loss gives the same numbers recorded and not",
  { timeout: 300_000 },
  async () => {
    const recorded = await trained(false)
    const eager = await trained(true)
    expect(recorded.numerics).toContain(" recorded")
    expect(eager.numerics).not.toContain(" recorded")
    const steps = Object.entries(recorded.metrics)
    expect(steps.length).toBeGreaterThan(100)
    const differ = steps.flatMap(([step, rows]) =>
      rows.flatMap((row, i) =>
        Object.entries(row)
          .filter(([name, value]) => !near(value, eager.metrics[step]?.[i]?.[name]))
          .map(([name, value]) => [step, i, name, value, eager.metrics[step]?.[i]?.[name]]),
      ),
    )
    expect(differ).toEqual([])
  },
)
