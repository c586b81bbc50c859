/** How the members of this package are declared: one divergence, or a family with one parameter. */
import { Named } from "@relent/named"
import { Data } from "effect"
import type { Divergence } from "./divergence.ts"
import { type Definition, FDivergence } from "./f-divergence.ts"

const version = 1

export const builtIn = (module: string, definition: Definition): FDivergence =>
  new FDivergence(definition, Named.make("divergence", definition.name, version, module, definition))

/** Divergences with one number, spelled `{ alpha: 0.5 }`. */
export interface Family<D extends Divergence = Divergence> {
  readonly name: string
  /** What the number is, and where it lies. */
  readonly parameter: string
  /** What is wrong with a number, if something is. */
  readonly range: (parameter: number) => string | undefined
  /** Members that stand for the family in tables and tests. */
  readonly examples: ReadonlyArray<number>
  /** The member; throws `ParameterOutOfRange`. */
  readonly make: (parameter: number) => D
}

export const finite = (x: number) => (Number.isFinite(x) ? undefined : `wants a finite number, got ${x}`)
export const between0and1 = (x: number) => (x >= 0 && x <= 1 ? undefined : `wants a number in [0, 1], got ${x}`)
export const positive = (x: number) =>
  x > 0 && Number.isFinite(x) ? undefined : `wants a finite number above 0, got ${x}`

/** A family's number outside its range. */
export class ParameterOutOfRange extends Data.TaggedError("ParameterOutOfRange")<{
  readonly family: string
  readonly reason: string
}> {
  override get message() {
    return `'${this.family}' ${this.reason}`
  }
}

/** Declares a family. */
export const family = <D extends Divergence>({ make, ...declared }: Family<D>): Family<D> => ({
  ...declared,
  make: (parameter) => {
    const reason = declared.range(parameter)
    if (reason !== undefined) throw new ParameterOutOfRange({ family: declared.name, reason })
    return make(parameter)
  },
})

type Spelled = { readonly name: string; readonly spelling: { readonly [family: string]: number } }
/** The name, spelling and origin of a member. */
export const memberOf = (module: string, family: string, parameter: number) => {
  const spelled: Spelled = { name: `${family} ${parameter}`, spelling: { [family]: parameter } }
  return { ...spelled, origin: Named.make("divergence", family, version, module, parameter) }
}

/** Declares a family of f-divergences. */
export const fFamily = (
  module: string,
  {
    define,
    ...declared
  }: Omit<Family, "make"> & { readonly define: (parameter: number) => Omit<Definition, "name" | "spelling"> },
): Family<FDivergence> =>
  family({
    ...declared,
    make: (parameter) => {
      const { origin, ...spelled } = memberOf(module, declared.name, parameter)
      return new FDivergence({ ...spelled, ...define(parameter) }, origin)
    },
  })
