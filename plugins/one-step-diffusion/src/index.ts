/** One-step generators by divergence minimisation. */
import { Plugin } from "@relent/stage"

export { AffineStudent } from "./affine.ts"
export { Distribution } from "./distribution.ts"

export const plugin = Plugin.make("one-step-diffusion", {
  title: "One-step generators by divergence minimisation",
  module: import.meta.url,
  stages: {
    "mixture-teacher": () => import("./mixture-teacher.ts").then((m) => m.mixtureTeacher),
    "ring-teacher": () => import("./ring-teacher.ts").then((m) => m.ringTeacher),
    "train-teacher": () => import("./train-teacher.ts").then((m) => m.trainTeacher),
    "f-distill": () => import("./f-distill.ts").then((m) => m.fDistill),
    sample: () => import("./sample.ts").then((m) => m.sample),
    "fit-components": () => import("./fit-components.ts").then((m) => m.fitComponents),
    project: () => import("./project.ts").then((m) => m.project),
    render: () => import("./render.ts").then((m) => m.render),
    "generation-metrics": () => import("./generation-metrics.ts").then((m) => m.generationMetrics),
    "affine-student": () => import("./affine-student.ts").then((m) => m.affineStudent),
    "exact-distill": () => import("./exact-distill.ts").then((m) => m.exactDistill),
    "exact-optimum": () => import("./exact-optimum.ts").then((m) => m.exactOptimum),
    "affine-report": () => import("./affine-report.ts").then((m) => m.affineReport),
    "weight-variance": () => import("./weight-variance.ts").then((m) => m.weightVariance),
  },
  suites: [
    "suites/mode-seeking.yaml",
    "suites/mode-seeking-limits.yaml",
    "suites/weight-variance.yaml",
    "suites/ring.yaml",
    "suites/mnist.yaml",
  ],
})
