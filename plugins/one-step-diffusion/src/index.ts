/** One-step generators by divergence minimisation. */
import { Plugin } from "@relent/stage"

export { AffineStudent } from "./affine.ts"
export { Teacher } from "./teacher.ts"

export const plugin = Plugin.make("one-step-diffusion", {
  title: "One-step generators by divergence minimisation",
  module: import.meta.url,
  stages: {
    "mixture-teacher": () => import("./mixture-teacher.ts").then((m) => m.mixtureTeacher),
    "affine-student": () => import("./affine-student.ts").then((m) => m.affineStudent),
    "exact-distill": () => import("./exact-distill.ts").then((m) => m.exactDistill),
    "exact-optimum": () => import("./exact-optimum.ts").then((m) => m.exactOptimum),
    "affine-report": () => import("./affine-report.ts").then((m) => m.affineReport),
    "weight-variance": () => import("./weight-variance.ts").then((m) => m.weightVariance),
  },
  suites: ["suites/mode-seeking.yaml", "suites/mode-seeking-limits.yaml", "suites/weight-variance.yaml"],
})
