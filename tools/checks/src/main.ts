/** `pnpm checks [folder]`: a line for everything that doesn't hold, and exit code 1. */
import { join } from "node:path"
import { check } from "./check.ts"
import { readWorkspace } from "./workspace.ts"

const root = process.argv[2] ?? join(import.meta.dirname, "../../..")
const workspace = readWorkspace(root)
const findings = check(workspace)
for (const { path, line, rule, message } of findings) console.log(`${path}:${line}: ${rule}: ${message}`)
console.log(`${workspace.projects.length} projects, ${workspace.files.size} files, ${findings.length} problems`)
process.exitCode = findings.length > 0 ? 1 : 0
