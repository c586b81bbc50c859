/** What the compiler says of files in the projects' folders for examples. */
import { spawnSync } from "node:child_process"
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { folder, projectOf, workspace } from "./workspace.ts"

export interface Diagnostic {
  /** Relative to the workspace. */
  readonly path: string
  readonly line: number
  readonly message: string
}

const own = join(workspace, "tools/doctest", folder)

/** Writes these files, in place of those of a run before. */
export const writeModules = (modules: ReadonlyMap<string, string>): void => {
  removeModules(modules)
  for (const [path, text] of modules) {
    mkdirSync(dirname(join(workspace, path)), { recursive: true })
    writeFileSync(join(workspace, path), text)
  }
}

export const removeModules = (modules: ReadonlyMap<string, string>): void => {
  for (const project of new Set(Array.from(modules.keys(), projectOf)))
    rmSync(join(workspace, project, folder), { recursive: true, force: true })
  rmSync(own, { recursive: true, force: true })
}

/** Compiles them all at once. */
export const compile = (modules: ReadonlyMap<string, string>): ReadonlyArray<Diagnostic> => {
  const config = {
    extends: join(workspace, "tsconfig.base.json"),
    compilerOptions: {
      noEmit: true,
      noUnusedLocals: false,
      rootDir: workspace,
      typeRoots: [join(workspace, "node_modules/@types")],
    },
    files: Array.from(modules.keys(), (path) => join(workspace, path)),
  }
  mkdirSync(own, { recursive: true })
  writeFileSync(join(own, "tsconfig.json"), JSON.stringify(config))
  const tsc = join(workspace, "node_modules/.bin/tsc")
  const { stdout } = spawnSync(tsc, ["-p", own, "--pretty", "false"], { cwd: workspace, encoding: "utf8" })
  const found: Array<Diagnostic> = []
  for (const line of stdout.split("\n")) {
    const [, path, at, message] = /^(\S+?)\((\d+),\d+\): error TS\d+: (.*)$/.exec(line) ?? []
    const last = found.at(-1)
    if (path !== undefined) found.push({ path, line: Number(at), message: message! })
    else if (line.startsWith(" ") && last) found[found.length - 1] = { ...last, message: `${last.message}\n${line}` }
    else if (line !== "") found.push({ path: "tsc", line: 0, message: line })
  }
  return found
}
