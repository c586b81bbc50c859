/** `node tools/fuzz/src/case.ts TARGET SEED INDEX FILE`: one case as a file, and how it is read. */
import { writeFileSync } from "node:fs"
import { source } from "@relent/random"
import { type TargetName, targets } from "./targets/index.ts"

const [name, seed, index, file] = process.argv.slice(2) as [TargetName, string, string, string]
const target = await targets[name]()
const bytes = target.make(source({ seed: Number(seed), stream: name })("case", Number(index)))
writeFileSync(file, bytes)
console.log(await target.read(bytes))
