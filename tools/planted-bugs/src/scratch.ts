/** A copy of the workspace, in which bugs are planted. */
import { execFileSync } from "node:child_process"
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, sep } from "node:path"
import type { Bug } from "./bug.ts"

export const root = join(import.meta.dirname, "../../..")

/** The copy's own `node_modules` of a folder: links are kept as they stand, so those to the workspace's packages lead into the copy. */
const link = (folder: string, project: string): void => {
  const [from, to] = [join(root, project, "node_modules"), join(folder, project, "node_modules")]
  if (!existsSync(from)) return
  mkdirSync(to, { recursive: true })
  for (const name of readdirSync(from)) {
    if (name === ".pnpm") symlinkSync(join(from, name), join(to, name))
    else if (name === ".bin" || !name.startsWith("."))
      cpSync(join(from, name), join(to, name), { recursive: true, verbatimSymlinks: true })
  }
}

/** Throws where a package of the workspace is reached that isn't the copy's. */
const checkLinks = (folder: string, project: string): void => {
  const own = join(folder, project, "node_modules/@relent")
  if (!existsSync(own)) return
  for (const name of readdirSync(own)) {
    const path = realpathSync(join(own, name))
    if (!path.startsWith(`${realpathSync(folder)}${sep}`))
      throw new Error(`${project} takes @relent/${name} from ${path}`)
  }
}

export interface Scratch {
  readonly folder: string
  /** What `f` gives while the bug is there. */
  readonly withBug: <A>(bug: Bug, f: () => A) => A
  readonly remove: () => void
}

/** What git tracks, or would track, with links to the workspace's dependencies. */
export const makeScratch = (): Scratch => {
  const folder = mkdtempSync(join(tmpdir(), "relent planted bugs "))
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: root })
  const files = listed
    .toString()
    .split("\0")
    .filter((file) => file !== "" && existsSync(join(root, file)))
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    copyFileSync(join(root, file), join(folder, file))
  }
  const projects = files.filter((file) => file.endsWith("package.json")).map(dirname)
  for (const project of projects) link(folder, project)
  for (const project of projects) checkLinks(folder, project)
  return {
    folder,
    withBug: ({ file, find, put }, f) => {
      const path = join(folder, file)
      const text = readFileSync(path, "utf8")
      if (text.split(find).length !== 2) throw new Error(`${file} doesn't hold once: ${find}`)
      writeFileSync(
        path,
        text.replace(find, () => put),
      )
      try {
        return f()
      } finally {
        writeFileSync(path, text)
      }
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
