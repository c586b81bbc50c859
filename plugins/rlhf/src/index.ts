/** Reinforcement learning from human feedback as inference. */
import { Plugin } from "@relent/stage"

export const plugin = Plugin.make("rlhf", {
  title: "Policies that follow a reward and stay near a prior, as inference of a posterior",
  module: import.meta.url,
  stages: {
    bandit: () => import("./bandit.ts").then((m) => m.bandit),
    "posterior-target": () => import("./posterior-target.ts").then((m) => m.posteriorTarget),
    "kl-rl": () => import("./kl-rl.ts").then((m) => m.klRl),
    "preference-pairs": () => import("./preference-pairs.ts").then((m) => m.preferencePairs),
    "f-dpo": () => import("./f-dpo.ts").then((m) => m.fDpo),
    "f-optimum": () => import("./f-optimum.ts").then((m) => m.fOptimum),
    "calibration-report": () => import("./calibration-report.ts").then((m) => m.calibrationReport),
    "distributional-target": () => import("./distributional-target.ts").then((m) => m.distributionalTarget),
    "f-dpg": () => import("./f-dpg.ts").then((m) => m.fDpg),
    "target-divergence-report": () => import("./target-divergence-report.ts").then((m) => m.targetDivergenceReport),
    "markov-prior": () => import("./markov-prior.ts").then((m) => m.markovPrior),
    "train-language-model": () => import("./train-language-model.ts").then((m) => m.trainLanguageModel),
    "step-reward": () => import("./step-reward.ts").then((m) => m.stepReward),
    sample: () => import("./sample.ts").then((m) => m.sample),
    "gradient-variance": () => import("./gradient-variance.ts").then((m) => m.gradientVarianceStage),
    "policy-report": () => import("./policy-report.ts").then((m) => m.policyReport),
    "evidence-report": () => import("./evidence-report.ts").then((m) => m.evidenceReport),
  },
  suites: [
    "suites/kl-rl.yaml",
    "suites/kl-rl-text.yaml",
    "suites/f-dpo.yaml",
    "suites/f-dpo-text.yaml",
    "suites/f-dpg-letter.yaml",
    "suites/f-dpg-vowels.yaml",
    "suites/f-dpg-variance.yaml",
  ],
})
