/** All that is fuzzed, by name; what one needs is loaded with it. */
import type { Target } from "../target.ts"

export const targets = {
  arrow: () => import("./arrow.ts").then((module) => module.arrow),
  yaml: () => import("./yaml.ts").then((module) => module.yaml),
  json: () => import("./json.ts").then((module) => module.json),
  safetensors: () => import("./safetensors.ts").then((module) => module.safetensors),
  csv: () => import("./csv.ts").then((module) => module.csv),
  parquet: () => import("./parquet.ts").then((module) => module.parquet),
} satisfies Record<string, () => Promise<Target>>
export type TargetName = keyof typeof targets
