/** A copy of the workspace with git and nx, in which commands run. */
import { execFileSync, spawnSync } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs"
import { dirname, join } from "node:path"
import { type Scratch as Copy, scratch as copied, workspace } from "@relent/scratch"

const bin = join(workspace, "node_modules/.bin")

export interface Scratch extends Copy {
  /** Runs an installed command; what it printed, or an error with it. */
  readonly run: (command: string, ...given: ReadonlyArray<string>) => string
  /** Links what the package.json of a project asks for, as an installation would. */
  readonly link: (project: string) => void
}

export const scratch = (): Scratch => {
  const { root, remove } = copied()
  execFileSync("git", ["init", "-q", root])
  const env = { ...process.env, PATH: `${bin}:${process.env["PATH"]}`, NX_DAEMON: "false", CI: "true" }
  return {
    root,
    remove,
    run: (command, ...given) => {
      const { status, stdout, stderr } = spawnSync(join(bin, command), given, { cwd: root, env, encoding: "utf8" })
      if (status !== 0) throw new Error(`${command} ${given.join(" ")}: ${status}\n${stdout}\n${stderr}`)
      return stdout
    },
    link: (project) => {
      const { dependencies } = JSON.parse(readFileSync(join(root, project, "package.json"), "utf8"))
      for (const name of Object.keys(dependencies as object)) {
        const to = join(root, project, "node_modules", name)
        const [, folder] = name.split("@relent/")
        const own =
          folder && ["packages", "plugins"].map((kind) => join(root, kind, folder)).find((path) => existsSync(path))
        mkdirSync(dirname(to), { recursive: true })
        if (!existsSync(to)) symlinkSync(own || join(root, "node_modules", name), to)
      }
    },
  }
}
