/** `training.yaml`: with few steps, and every loss, divergence and way of training that its stages have. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { FDivergence, kernelDivergences, members, Property } from "@relent/divergence"
import type { PipelineDocument } from "@relent/stage"
import { parse } from "yaml"
import { builtIn } from "../src/plugins.ts"

type Parameters = Readonly<Record<string, unknown>>
export type Steps = PipelineDocument["stages"]

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

/** Few steps, each with metrics and a checkpoint. */
const fewer = (given: Parameters): Parameters => ({
  ...given,
  ...("steps" in given && { steps: 4 }),
  ...("epochs" in given && { epochs: 2 }),
  ...("every" in given && { every: 1 }),
})

/** The steps of a document beside this file. */
export const stepsOf = (name: string): Steps =>
  (parse(readFileSync(join(import.meta.dirname, name), "utf8")) as PipelineDocument).stages

/** The steps of `training.yaml`, each of few steps. */
export const shortTrainings = (): Steps =>
  Object.fromEntries(
    Object.entries(stepsOf("training.yaml")).map(([name, step]) => [
      name,
      step.with === undefined ? step : { ...step, with: fewer(step.with) },
    ]),
  )

/** Those, and beside its trainings the variants of each. */
export const allTrainings = async (): Promise<Steps> => {
  const short = shortTrainings()
  const more = Object.entries(await variants()).flatMap(([name, some]) =>
    some.map((parameters, i) => [`${name}-${i}`, { ...short[name]!, with: { ...short[name]!.with, ...parameters } }]),
  )
  return { ...short, ...Object.fromEntries(more) }
}
