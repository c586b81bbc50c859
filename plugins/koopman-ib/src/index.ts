/** Koopman operators and information bottlenecks. */
import { Plugin } from "@relent/stage"

export const plugin = Plugin.make("koopman-ib", {
  title: "Koopman operators and information bottlenecks",
  module: import.meta.url,
  stages: {
    "two-gaussians": () => import("./two-gaussians.ts").then((m) => m.twoGaussians),
    "kernel-fit": () => import("./kernel-fit.ts").then((m) => m.kernelFit),
    "evaluate-points": () => import("./evaluate-points.ts").then((m) => m.evaluatePoints),
    "van-der-pol": () => import("./van-der-pol.ts").then((m) => m.vanDerPol),
    pendulum: () => import("./pendulum.ts").then((m) => m.pendulum),
    lorenz: () => import("./lorenz.ts").then((m) => m.lorenz),
    burgers: () => import("./burgers.ts").then((m) => m.burgers),
    "delay-embedding": () => import("./delay-embedding.ts").then((m) => m.delayEmbedding),
    "ridge-edmd": () => import("./ridge-edmd.ts").then((m) => m.ridgeEdmd),
    "info-koopman": () => import("./info-koopman.ts").then((m) => m.infoKoopman),
    "evaluate-koopman": () => import("./evaluate-koopman.ts").then((m) => m.evaluateKoopman),
    "standardise-regression": () => import("./standardise-regression.ts").then((m) => m.standardiseRegression),
    "gross-noise": () => import("./gross-noise.ts").then((m) => m.grossNoise),
    "cs-ib": () => import("./cs-ib.ts").then((m) => m.csIb),
    "evaluate-bottleneck": () => import("./evaluate-bottleneck.ts").then((m) => m.evaluateBottleneck),
    "water-filling": () => import("./water-filling.ts").then((m) => m.waterFilling),
  },
  values: async () => {
    const { compressions, predictions } = await import("./bottleneck/index.ts")
    return [...predictions, ...compressions]
  },
  suites: [
    "suites/cauchy-schwarz-fit.yaml",
    "suites/water-filling.yaml",
    "suites/info-koopman.yaml",
    "suites/info-koopman-limits.yaml",
    "suites/cs-ib.yaml",
    "suites/cs-ib-compression.yaml",
  ],
})
