/** Claims on metrics of pipelines, tested over seeds, with verdicts. */
export * from "./document.ts"
export * from "./judge.ts"
export * from "./outcomes.ts"
export * from "./read.ts"
export * from "./statistics.ts"
export * from "./trajectory.ts"
export * from "./values.ts"
export * from "./verdict.ts"
