/** The plugins that come with relent, imported when one of their names is first used. */
import type { PluginEntry } from "@relent/stage"

const entry = (name: string, load: PluginEntry["load"]) => [`@relent/${name}`, { name, load }] as const

/** By package name, as documents list them. */
export const builtIn: ReadonlyMap<string, PluginEntry> = new Map([
  entry("datasets", () => import("@relent/datasets").then((m) => m.plugin)),
  entry("distillation", () => import("@relent/distillation").then((m) => m.plugin)),
  entry("domain-adaptation", () => import("@relent/domain-adaptation").then((m) => m.plugin)),
  entry("koopman-ib", () => import("@relent/koopman-ib").then((m) => m.plugin)),
  entry("one-step-diffusion", () => import("@relent/one-step-diffusion").then((m) => m.plugin)),
  entry("rlhf", () => import("@relent/rlhf").then((m) => m.plugin)),
])
