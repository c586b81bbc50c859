/** TINY5, the smallest problem of all methods here: one prompt, five answers. */
import { Tabular } from "@relent/sequence"
import { posterior } from "../src/inference/posterior.ts"

export const prior = Tabular.fromProbabilities([[0.4, 0.3, 0.15, 0.1, 0.05]])
export const reward = Float64Array.of(0, 0.5, 1, 1.5, 2)
export const beta = 0.5
export const uniform = Tabular.make(1, 5, new Float64Array(5))
export const target = posterior(prior, reward, beta)
export const posteriorProbabilities = [0.056638739, 0.115470041, 0.156940057, 0.28440487, 0.386546294]

export const probabilities = (policy: typeof prior): ReadonlyArray<number> =>
  Array.from(Tabular.logProbabilities(policy), Math.exp)
