/** Python for a tool: a virtual environment in its folder with what its `requirements.txt` says, made once. */
import { execFileSync } from "node:child_process"
import { copyFileSync, existsSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"

const start = (command: string, ...words: ReadonlyArray<string>) =>
  execFileSync(command, words, { stdio: ["ignore", "inherit", "inherit"] })

/** The interpreter of the environment of the tool in `folder`. */
export const python = (folder: string): string => {
  const venv = join(folder, ".venv")
  const [wanted, made] = [join(folder, "requirements.txt"), join(venv, "requirements.txt")]
  if (!existsSync(made) || readFileSync(made, "utf8") !== readFileSync(wanted, "utf8")) {
    rmSync(venv, { recursive: true, force: true })
    start("python3", "-m", "venv", venv)
    start(join(venv, "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", wanted)
    copyFileSync(wanted, made)
  }
  return join(venv, "bin/python")
}
