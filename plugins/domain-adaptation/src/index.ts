/** Domain adaptation without source data. */
import { Plugin } from "@relent/stage"

export { SigmoidModel } from "./sigmoid.ts"
export { ClassRatio, PixelDensity } from "./tables.ts"

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
  },
  suites: ["suites/source-free.yaml", "suites/source-free-hedged.yaml"],
})
