/** Which direction of KL a row of a batch leans on. */
import { NonNegative, orElse, Positive } from "@relent/named"
import { Schema } from "effect"

/** Of KL(T || S), which spreads the student, and of KL(S || T), which sharpens it. */
export type Weights = readonly [forward: number, reverse: number]

/** By the entropy gap d = H(S) - H(T) of a row: for d < 0, where the student is surer than the teacher, and for d >= 0. */
export type Gate = readonly [surer: Weights, otherwise: Weights]

const constant = (weights: Weights): Gate => [weights, weights]

/** In each the weights of a row sum to heavy + light, so that arms differ in direction alone. */
const gates = {
  /** A student that is too sure is spread, another is sharpened. */
  entropy: (heavy: number, light: number): Gate => [
    [heavy, light],
    [light, heavy],
  ],
  inverted: (heavy: number, light: number): Gate => [
    [light, heavy],
    [heavy, light],
  ],
  none: (heavy: number, light: number) => constant([(heavy + light) / 2, (heavy + light) / 2]),
  forward: (heavy: number, light: number) => constant([heavy + light, 0]),
  reverse: (heavy: number, light: number) => constant([0, heavy + light]),
}

/** Parameters of a gate; `ordered` checks them together. */
export const gateParameters = {
  gate: orElse(
    Schema.Literals(["entropy", "inverted", "none", "forward", "reverse"]).annotate({
      description: "what decides the direction of KL; all but 'entropy' are controls of the same total weight",
    }),
    "entropy" as const,
  ),
  heavyWeight: orElse(Positive.annotate({ description: "of the direction that the gate favours" }), 2),
  lightWeight: orElse(NonNegative.annotate({ description: "of the other direction" }), 1),
  normaliseWeights: orElse(Schema.Boolean.annotate({ description: "divide both weights by their sum" }), false),
}

export interface GateOptions {
  readonly gate: keyof typeof gates
  readonly heavyWeight: number
  readonly lightWeight: number
  readonly normaliseWeights: boolean
}

/** The heavy weight is at least the light one. */
export const ordered = Schema.makeFilter(({ heavyWeight, lightWeight }: GateOptions) =>
  lightWeight <= heavyWeight
    ? undefined
    : { path: ["lightWeight"], issue: `wants at most heavyWeight, which is ${heavyWeight}; got ${lightWeight}` },
)

export const gateOf = ({ gate, heavyWeight, lightWeight, normaliseWeights }: GateOptions): Gate => {
  const total = normaliseWeights ? heavyWeight + lightWeight : 1
  return gates[gate](heavyWeight / total, lightWeight / total)
}
