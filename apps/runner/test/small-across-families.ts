import { gaussianMixture } from "@relent/datasets/gaussian-mixture"
import { Pipeline } from "@relent/stage"
import { judged } from "../pipelines/across-families.ts"

const mixture = { classes: 10, features: 24 }
const { data: points } = gaussianMixture.as("space", { stream: "mixture" })({ rows: 400, ...mixture })
const { data: test } = gaussianMixture.as("test", { stream: "mixture" })({ rows: 100, ...mixture, draw: 1 })
const outputs = judged({ points, test }, { samples: 100, classifiers: 5, denoiser: 5, generator: 1 })
export const small = Pipeline.make({ name: "across-families", seed: 1, outputs })
