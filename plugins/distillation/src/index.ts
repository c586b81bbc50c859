/** Knowledge distillation. */
import { Plugin } from "@relent/stage"

export const plugin = Plugin.make("distillation", {
  title: "Knowledge distillation: students that learn from a teacher's logits",
  module: import.meta.url,
  stages: {
    "train-classifier": () => import("./train-classifier.ts").then((m) => m.trainClassifier),
    predict: () => import("./predict.ts").then((m) => m.predict),
    distil: () => import("./distil.ts").then((m) => m.distil),
    "self-distil": () => import("./self-distil.ts").then((m) => m.selfDistil),
    "online-bdkd": () => import("./online-bdkd.ts").then((m) => m.onlineBdkd),
    "gate-fit": () => import("./gate-fit.ts").then((m) => m.gateFit),
    evaluate: () => import("./evaluate.ts").then((m) => m.evaluate),
    "teacher-gap": () => import("./teacher-gap.ts").then((m) => m.teacherGap),
    compare: () => import("./compare.ts").then((m) => m.compare),
  },
  values: async () => [
    ...(await import("./loss/index.ts").then((m) => m.losses)),
    ...(await import("./self-loss/index.ts").then((m) => m.selfLosses)),
  ],
  suites: [
    "suites/nkd.yaml",
    "suites/nkd-mnist.yaml",
    "suites/uskd.yaml",
    "suites/bd-kd.yaml",
    "suites/bd-kd-controls.yaml",
    "suites/bd-kd-mnist.yaml",
    "suites/bd-kd-gate.yaml",
    "suites/sinkd.yaml",
    "suites/sinkd-mnist.yaml",
  ],
})
