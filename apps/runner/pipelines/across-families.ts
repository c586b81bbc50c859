/** `across-families.yaml` in TypeScript: the same plan, and the same keys in a store. */
import type { Points } from "@relent/datasets"
import { mnist } from "@relent/datasets/mnist"
import { take } from "@relent/datasets/take"
import { distil } from "@relent/distillation/distil"
import { evaluate } from "@relent/distillation/evaluate"
import { predict } from "@relent/distillation/predict"
import { trainClassifier } from "@relent/distillation/train-classifier"
import { evaluatePoints } from "@relent/koopman-ib/evaluate-points"
import { fDistill } from "@relent/one-step-diffusion/f-distill"
import { fitComponents } from "@relent/one-step-diffusion/fit-components"
import { generationMetrics } from "@relent/one-step-diffusion/generation-metrics"
import { project } from "@relent/one-step-diffusion/project"
import { render } from "@relent/one-step-diffusion/render"
import { sample } from "@relent/one-step-diffusion/sample"
import { trainTeacher } from "@relent/one-step-diffusion/train-teacher"
import { type Handle, Pipeline } from "@relent/stage"

/** Points with an id and a class each. */
type Examples = Handle<string, typeof Points.columns>

/** What is drawn, and how long each network learns; a test takes less. */
export interface Sizes {
  readonly samples: number
  readonly classifiers: number
  readonly denoiser: number
  readonly generator: number
}

/** From points to learn from and points to judge by: a classifier, a generator, and what is found of its samples. */
export const judged = ({ points, test }: { readonly points: Examples; readonly test: Examples }, sizes: Sizes) => {
  const learning = { steps: sizes.classifiers, learningRate: 0.003, every: 500 }
  const { model: large } = trainClassifier.as("teacher")({ data: points }, { hidden: [256, 256], ...learning })
  const { logits } = predict.as("logits")({ model: large, data: points })
  const { model: classifier } = distil.as("classifier")(
    { data: points, teacher: logits },
    { loss: { sinkd: { alpha: 0.9, kdTemperature: 1 } }, hidden: [64], ...learning },
  )
  const tested = evaluate.as("classifier-test")({ model: classifier, data: test })

  const { teacher } = trainTeacher.as("denoiser")({ data: points }, { steps: sizes.denoiser, every: 500 })
  const { student } = fDistill.as("generator")(
    { teacher, data: points },
    { divergence: "jensen-shannon", steps: sizes.generator, studentUpdateFreq: 4, learningRate: 0.0005, every: 300 },
  )
  const { samples } = sample.as("samples")({ of: student }, { rows: sizes.samples })

  const { metrics: quality, modes } = generationMetrics.as("quality")({ samples, real: test, classifier })
  const { nearness, shares } = evaluatePoints.as("nearness")({ target: test, points: samples })
  return { classifier: tested.metrics, quality, modes, nearness, shares, samples }
}

const { train, test: rest } = mnist()
const { table: digits } = take.as("digits")({ table: train }, { rows: 20_000 })
const { table: unseen } = take.as("unseen")({ table: rest }, { rows: 4000 })
const { components, points } = fitComponents.as("space")({ data: digits })
const { points: test } = project.as("test")({ data: unseen, components })
const found = judged({ points, test }, { samples: 4000, classifiers: 1500, denoiser: 1500, generator: 1200 })
const { images } = render.as("images")({ samples: found.samples, components })
export const pipeline = Pipeline.make({ name: "across-families", seed: 1, outputs: { ...found, images } })
