/** The index in two lists. */
import type { Divergence } from "./divergence.ts"
import type { Family } from "./family.ts"
import * as named from "./members.ts"

const all: ReadonlyArray<Divergence | Family> = Object.values(named).toSorted((a, b) => (a.name < b.name ? -1 : 1))
const isFamily = (value: Divergence | Family): value is Family => "make" in value

/** Divergences chosen by name. */
export const singles = all.filter((value): value is Divergence => !isFamily(value))
/** Divergences chosen by name and number. */
export const families = all.filter(isFamily)
/** All of them, the families by their examples. */
export const members: ReadonlyArray<Divergence> = [
  ...singles,
  ...families.flatMap((family) => family.examples.map(family.make)),
]
