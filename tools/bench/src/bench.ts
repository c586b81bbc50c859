/**
 * Every benchmark of this folder, or those named: `pnpm bench [NAME]... [--OPTION VALUE]...`; options go to each. A benchmark is a
 * script of its own and prints ratios.
 */
import { spawnSync } from "node:child_process"
import { readdirSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const all = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.replace(".ts", ""))
  .filter((name) => join(import.meta.dirname, `${name}.ts`) !== fileURLToPath(import.meta.url))
const args = process.argv.slice(2)
const first = args.findIndex((word) => word.startsWith("--"))
const [wanted, options] = first < 0 ? [args, []] : [args.slice(0, first), args.slice(first)]
const unknown = wanted.filter((name) => !all.includes(name))
if (unknown.length > 0) console.error(`no benchmark '${unknown.join("', '")}'; there is ${all.join(", ")}`)
const statuses = (wanted.length > 0 ? all.filter((name) => wanted.includes(name)) : all).map(
  (name) =>
    spawnSync(process.execPath, [join(import.meta.dirname, `${name}.ts`), ...options], { stdio: "inherit" }).status,
)
process.exitCode = unknown.length === 0 && statuses.every((status) => status === 0) ? 0 : 1
