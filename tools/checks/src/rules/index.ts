/** The index: a rule is checked, and tested, by standing here. */
import type { Rule } from "../rule.ts"
import { arrows } from "./arrows.ts"
import { declared } from "./declared.ts"
import { layout } from "./layout.ts"
import { length } from "./length.ts"
import { links } from "./links.ts"
import { logRatio } from "./log-ratio.ts"
import { purity } from "./purity.ts"
import { references } from "./references.ts"
import { taggedErrors } from "./tagged-errors.ts"

export const rules: ReadonlyArray<Rule> = [
  arrows,
  declared,
  layout,
  length,
  links,
  logRatio,
  purity,
  references,
  taggedErrors,
]
