/** A copy of the workspace to change: its files copied, what is installed linked. */
import { execFileSync } from "node:child_process"
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, sep } from "node:path"

/** The workspace's folder. */
export const workspace = join(import.meta.dirname, "../../..")

export interface Scratch {
  /** The copy's folder. */
  readonly root: string
  readonly remove: () => void
}

/** The copy's own `node_modules` of a folder: links are kept as they stand, so those to the workspace's packages lead into the copy. */
const link = (root: string, project: string): void => {
  const [from, to] = [join(workspace, project, "node_modules"), join(root, project, "node_modules")]
  if (!existsSync(from)) return
  mkdirSync(to, { recursive: true })
  for (const name of readdirSync(from)) {
    if (name === ".pnpm") symlinkSync(join(from, name), join(to, name))
    else if ([".bin", ".modules.yaml"].includes(name) || !name.startsWith("."))
      cpSync(join(from, name), join(to, name), { recursive: true, verbatimSymlinks: true })
  }
}

/** Throws where a package of the workspace is reached that isn't the copy's. */
const checkLinks = (root: string, project: string): void => {
  const own = join(root, project, "node_modules/@relent")
  if (!existsSync(own)) return
  for (const name of readdirSync(own)) {
    const path = realpathSync(join(own, name))
    if (!path.startsWith(`${realpathSync(root)}${sep}`))
      throw new Error(`${project} takes @relent/${name} from ${path}`)
  }
}

/** What git tracks, or would track, with links to the workspace's dependencies. */
export const scratch = (): Scratch => {
  const root = mkdtempSync(join(tmpdir(), "relent-workspace-"))
  const given = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]
  const files = execFileSync("git", given, { cwd: workspace })
    .toString()
    .split("\0")
    .filter((file) => file !== "" && existsSync(join(workspace, file)))
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    copyFileSync(join(workspace, file), join(root, file))
  }
  const projects = files.filter((file) => file.endsWith("package.json")).map(dirname)
  for (const project of projects) link(root, project)
  for (const project of projects) checkLinks(root, project)
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) }
}
