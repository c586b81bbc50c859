/**
 * `pnpm fuzz [TARGET] [SEED] [COUNT] [FROM]`: damaged files and documents, each through its reader. Prints how many ended how, and the
 * number of each case that ended in neither a value nor a typed error.
 */
import { fuzz } from "./run.ts"
import { type TargetName, targets } from "./targets/index.ts"

const [only, seed = "1", count = "1000", from = "0"] = process.argv.slice(2)
const names = Object.keys(targets) as ReadonlyArray<TargetName>
for (const target of only === undefined ? names : names.filter((name) => name === only)) {
  const begin = performance.now()
  const range = { from: Number(from), to: Number(from) + Number(count) }
  const { outcomes, findings } = await fuzz({ target, seed: Number(seed), ...range })
  const seconds = ((performance.now() - begin) / 1000).toFixed(0)
  console.log(`${target}, seed ${seed}: ${JSON.stringify(outcomes)} in ${seconds} s`)
  for (const { index, what } of findings) console.log(`case ${index} of ${target}, seed ${seed}: ${what}`)
  if (findings.length > 0) process.exitCode = 1
}
