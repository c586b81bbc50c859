/** The files of the repository, by project. */
import { execFileSync } from "node:child_process"
import { existsSync } from "node:fs"
import { join } from "node:path"

export const workspace = join(import.meta.dirname, "../../..")

/** Where examples are compiled: in each project, so that they import what a reader would. */
export const folder = ".doctest"

/** All files of packages, plugins and apps that match, relative to the workspace. */
export const filesThat = (match: RegExp): ReadonlyArray<string> =>
  execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "packages", "plugins", "apps"], {
    cwd: workspace,
    encoding: "utf8",
  })
    .split("\0")
    .filter((path) => match.test(path) && existsSync(join(workspace, path)))

/** `packages/arrow` of `packages/arrow/src/object.ts`. */
export const projectOf = (path: string): string => path.split("/", 2).join("/")

/** The file that `path` (and a line of it) becomes to be compiled. */
export const compiledPath = (path: string, line?: number): string => {
  const rest = path.slice(projectOf(path).length + 1).replace(/\.(?:ts|md)$/, "")
  return `${projectOf(path)}/${folder}/${rest.replaceAll("/", "-")}${line === undefined ? "" : `-${line}`}.ts`
}
