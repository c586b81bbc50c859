/** A copy of the workspace to change: its files copied, what is installed linked. */
import { execFileSync, spawnSync } from "node:child_process"
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"

const workspace = join(import.meta.dirname, "../../..")
const bin = join(workspace, "node_modules/.bin")

export interface Scratch {
  readonly root: string
  /** Runs an installed command; what it printed, or an error with it. */
  readonly run: (command: string, ...given: ReadonlyArray<string>) => string
  /** Links what the package.json of a project asks for, as an installation would. */
  readonly link: (project: string) => void
  readonly remove: () => void
}

export const scratch = (): Scratch => {
  const root = mkdtempSync(join(tmpdir(), "relent-workspace-"))
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: workspace,
  })
  const files = listed.toString().split("\0")
  for (const path of files)
    if (path !== "" && existsSync(join(workspace, path))) cpSync(join(workspace, path), join(root, path))
  symlinkSync(join(workspace, "node_modules"), join(root, "node_modules"))
  for (const folder of ["packages", "plugins", "apps", "tools"])
    for (const project of readdirSync(join(root, folder))) {
      const from = join(workspace, folder, project, "node_modules")
      if (existsSync(from))
        cpSync(from, join(root, folder, project, "node_modules"), { recursive: true, verbatimSymlinks: true })
    }
  execFileSync("git", ["init", "-q", root])
  const env = { ...process.env, PATH: `${bin}:${process.env["PATH"]}`, NX_DAEMON: "false", CI: "true" }
  return {
    root,
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
    remove: () => rmSync(root, { recursive: true }),
  }
}
