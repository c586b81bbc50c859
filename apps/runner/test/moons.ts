import { twoMoons } from "@relent/datasets/two-moons"
import { evaluate } from "@relent/distillation/evaluate"
import { trainClassifier } from "@relent/distillation/train-classifier"
import { collect, over, Pipeline } from "@relent/stage"

const { data } = twoMoons({ rows: 400 })
const sweep = over({ learningRate: [0.001, 0.01] }, ({ learningRate }) => {
  const { model } = trainClassifier({ data }, { hidden: [32], steps: 300, learningRate })
  return evaluate({ model, data })
})
const scores = collect(sweep, ({ metrics }) => metrics)
export const moons = Pipeline.make({ name: "moons", seed: 1, outputs: { scores } })
