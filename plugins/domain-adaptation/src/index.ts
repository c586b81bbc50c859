/** Domain adaptation without source data. */
import { Plugin } from "@relent/stage"

export { SegmentedImages } from "./images.ts"
export { SigmoidModel } from "./sigmoid.ts"
export { ClassRatio, ImagePriors, PixelDensity } from "./tables.ts"

export const plugin = Plugin.make("domain-adaptation", {
  title: "Domain adaptation without source data",
  module: import.meta.url,
  stages: {
    "pixel-density": () => import("./pixel-density.ts").then((m) => m.pixelDensity),
    "sigmoid-model": () => import("./sigmoid-model.ts").then((m) => m.sigmoidModel),
    "sigmoid-fit": () => import("./sigmoid-fit.ts").then((m) => m.sigmoidFit),
    "density-class-ratio": () => import("./density-class-ratio.ts").then((m) => m.densityClassRatio),
    "source-free-fit": () => import("./source-free-fit.ts").then((m) => m.sourceFreeFit),
    "sigmoid-report": () => import("./sigmoid-report.ts").then((m) => m.sigmoidReport),
    "synthetic-organs": () => import("./synthetic-organs.ts").then((m) => m.syntheticOrgans),
    "train-segmenter": () => import("./train-segmenter.ts").then((m) => m.trainSegmenter),
    "estimate-class-ratio": () => import("./estimate-class-ratio.ts").then((m) => m.estimateClassRatio),
    "source-free-segment": () => import("./source-free-segment.ts").then((m) => m.sourceFreeSegment),
    "segmentation-metrics": () => import("./segmentation-metrics.ts").then((m) => m.segmentationMetrics),
  },
  suites: [
    "suites/source-free.yaml",
    "suites/source-free-hedged.yaml",
    "suites/organs.yaml",
    "suites/organs-wrong-prior.yaml",
    "suites/organs-baselines.yaml",
  ],
})
