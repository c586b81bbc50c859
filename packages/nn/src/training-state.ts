/** Where training stands: what a checkpoint holds. */
import { branch, within } from "@relent/tensor"
import { objectCodec, type Parameters } from "@relent/arrow"
import { Schema } from "effect"

export interface TrainingState {
  readonly kind: "training"
  readonly parameters: Parameters
  /** The optimiser's state, by its own paths. */
  readonly optimizer: Parameters
}

export const TrainingState = objectCodec<TrainingState>()("nn/training-state", 1, {
  training: {
    header: Schema.Struct({}),
    decode: (_: {}, all) => ({
      kind: "training",
      parameters: within("parameters", all),
      optimizer: within("optimizer", all),
    }),
    encode: ({ parameters, optimizer }) => [
      {},
      { ...branch("parameters", parameters), ...branch("optimizer", optimizer) },
    ],
  },
})
