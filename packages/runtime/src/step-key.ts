/** The key of a step whose inputs are finished. */
import { Effect } from "effect"
import type { CheckedStep, SourceFile } from "@relent/stage"
import { codeReader } from "./code/code-digest.ts"
import { float64Numerics, type KeyParts } from "./key.ts"
import { Resources } from "./resource.ts"
import { openSource, type Roots } from "./sources.ts"

/** Root digests of the tables that each input was given. */
export type InputDigests = { readonly [port: string]: ReadonlyArray<string> }

export interface Opened {
  readonly parts: KeyParts
  readonly sources: { readonly [name: string]: SourceFile }
}

/** The stage's declared uses of resources: all but the draws. */
export const resourcesOf = (step: CheckedStep): ReadonlyArray<string> =>
  (step.step.stage.definition.uses ?? []).filter((use) => use !== "random")

const numericsOf = (step: CheckedStep) =>
  Effect.gen(function* () {
    const uses = resourcesOf(step)
    if (uses.length === 0) return float64Numerics
    const resources = yield* Resources
    const classes = yield* Effect.forEach(uses, (use) => {
      const resource = resources[use]
      if (resource === undefined)
        return Effect.fail({
          message: `this stage uses '${use}', which isn't there`,
          hint: "relent backends lists what is",
        })
      return resource.numerics
    })
    return classes.join(" ")
  })

/** Everything a step's result depends on, with its declared files found and digested. */
export const openStep = (checked: CheckedStep, seed: number, inputs: InputDigests, roots: Roots) =>
  Effect.gen(function* () {
    const { step, spelling, named, parameters } = checked
    const { definition, id } = step.stage
    const opened = yield* Effect.forEach(
      Object.entries(definition.sources?.(parameters) ?? {}),
      ([name, location]) => Effect.map(openSource(location, definition.module, roots), (file) => [name, file] as const),
      { concurrency: 16 },
    )
    const sources: Readonly<Record<string, SourceFile>> = Object.fromEntries(opened)
    const code = yield* codeReader.digest(definition.module)
    const members: Record<string, string> = {}
    for (const { kind, name, module } of named) members[`${kind} ${name}`] = (yield* codeReader.digest(module)).digest
    const parts: KeyParts = {
      stage: id,
      code: code.digest,
      parameters: spelling,
      named: members,
      inputs,
      sources: Object.fromEntries(Object.entries(sources).map(([name, file]) => [name, file.digest])),
      ...(definition.uses?.includes("random") === true && {
        draws: { seed: (step.at["seed"] as number | undefined) ?? seed, stream: step.stream },
      }),
      numerics: yield* numericsOf(checked),
    }
    return { parts, sources } satisfies Opened
  })
