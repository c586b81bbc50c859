/** Logits of a model on examples. */
import { orElse } from "@relent/named"
import { Model, predict as predictLogits, rowOf } from "@relent/nn"
import { Port, Stage, StageError } from "@relent/stage"
import { Column } from "@relent/arrow"
import { Schema } from "effect"
import { featuresOf, Logits } from "./tables.ts"

/**
 * The logits of one member of a model, a row an example.
 *
 * @reference none: inference
 */
export const predict = Stage.make("distillation/predict", {
  module: import.meta.url,
  title: "Logits of a model on examples",
  uses: ["backend"],
  parameters: { member: orElse(Schema.Int, 0) },
  inputs: { model: Model, data: Port.any({ id: Column.int32 }) },
  outputs: { logits: Logits },
  *run({ parameters: { member }, inputs: { model, data } }) {
    const features = yield* featuresOf(data)
    if (member < 0 || member >= model.members)
      return yield* new StageError({
        message: `the model has ${model.members} members, not one numbered ${member}`,
        hint: "members count from 0",
      })
    const { inputs, outputs } = rowOf(model)
    if (features.width !== inputs)
      return yield* new StageError({
        message: `the data has ${features.width} features, the model wants ${inputs}`,
        hint: "use data like that it was trained on",
      })
    const all = yield* predictLogits(model, features.values)
    const size = data.length * outputs
    return { logits: Logits.make({ id: data.columns.id, logits: all.slice(member * size, (member + 1) * size) }) }
  },
})
