/** Every benchmark of this folder, or those named: `pnpm bench [NAME]...`. Each is a script of its own and prints ratios. */
import { spawnSync } from "node:child_process"
import { readdirSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const all = readdirSync(import.meta.dirname)
  .map((file) => file.replace(".ts", ""))
  .filter((name) => join(import.meta.dirname, `${name}.ts`) !== fileURLToPath(import.meta.url))
const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !all.includes(name))
if (unknown.length > 0) console.error(`no benchmark '${unknown.join("', '")}'; there is ${all.join(", ")}`)
const statuses = (wanted.length > 0 ? all.filter((name) => wanted.includes(name)) : all).map(
  (name) => spawnSync(process.execPath, [join(import.meta.dirname, `${name}.ts`)], { stdio: "inherit" }).status,
)
process.exitCode = unknown.length === 0 && statuses.every((status) => status === 0) ? 0 : 1
