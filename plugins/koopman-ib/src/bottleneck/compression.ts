/** The registry of compression terms: how much a bottleneck t keeps of the inputs x. */
import { bandwidth, type Bandwidth, type KernelDivergence, kernelDivergences } from "@relent/divergence"
import { dependence, klBetweenGaussians, normalisedDependence } from "@relent/divergence/tensor"
import { Family, orElse, Positive } from "@relent/named"
import { type Tensor, tf } from "@relent/tensor"
import { Schema } from "effect"
import { type Data, Width } from "./prediction.ts"

/** A batch `[members, rows, ...]`; a stochastic encoder gives mean and log variance of t beside it. */
export interface Compressed {
  readonly x: Tensor
  readonly t: Tensor
  readonly mean: Tensor
  readonly logVariance: Tensor
}

export interface Compression {
  /** Whether t is drawn while training, from a mean and a variance that the encoder gives. */
  readonly stochastic: boolean
  /** Whether it is divided by what t keeps of itself. */
  readonly normalised: boolean
  /** A term `[members]`; none where nothing is compressed. */
  readonly of?: (data: Data) => (batch: Compressed) => Tensor
}

export const Compression = Family.make<Compression>("compression")

/** @reference none: nothing is compressed */
export const none = Compression.define(import.meta.url, "koopman-ib/none", 1, {}, () => ({
  stochastic: false,
  normalised: false,
}))

export interface DependenceOptions {
  readonly sigmaX: Bandwidth
  readonly sigmaT: number
  readonly normalise: boolean
}

const by =
  (divergence: KernelDivergence) =>
  ({ sigmaX, sigmaT, normalise }: DependenceOptions): Compression => ({
    stochastic: false,
    normalised: normalise,
    of: ({ x }) => {
      const width = bandwidth(sigmaX, x)
      const term = normalise ? normalisedDependence : dependence
      return (batch) => term(divergence, { points: batch.x, sigma: width }, { points: batch.t, sigma: sigmaT })
    },
  })

/** Quadratic mutual information of x and t. @reference yu2024csib */
export const csQmiTerm = by(kernelDivergences["cauchy-schwarz"])
/** @reference gretton2005hsic ma2020hsic */
export const hsicTerm = by(kernelDivergences.mmd)

const parameters = {
  sigmaX: orElse(Width.annotate({ description: "width of the inputs' kernel, in deviations" }), 1),
  sigmaT: orElse(Positive.annotate({ description: "width of the bottleneck's kernel" }), 1),
  normalise: orElse(Schema.Boolean.annotate({ description: "divided by what x and t keep of themselves" }), true),
}

export const csQmi = Compression.define(import.meta.url, "koopman-ib/cs-qmi", 1, parameters, csQmiTerm)

export const hsic = Compression.define(import.meta.url, "koopman-ib/hsic", 1, parameters, hsicTerm)

/** KL(N(m, s^2) || N(0, 1)), the mean over rows. @reference alemi2017vib */
export const kullbackTerm = (): Compression => ({
  stochastic: true,
  normalised: false,
  of: () => (encoded) => tf.mean(klBetweenGaussians(encoded), -1),
})

export const vib = Compression.define(import.meta.url, "koopman-ib/vib", 1, {}, kullbackTerm)
