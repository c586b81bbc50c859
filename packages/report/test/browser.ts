/** A Chromium of this machine, or why there is none. */
import { existsSync } from "node:fs"
import { delimiter, join } from "node:path"
import { type Browser, chromium } from "playwright-core"

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]
const folders = (process.env["PATH"] ?? "").split(delimiter)
const usual = ["/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"]

/** `$RELENT_CHROMIUM`, else the first on the path. */
const found: string | undefined =
  process.env["RELENT_CHROMIUM"] ??
  [...folders.flatMap((folder) => names.map((name) => join(folder, name))), ...usual].find((path) => existsSync(path))

export const executable = found
export const why = "no Chromium on the path; RELENT_CHROMIUM names one"

/** No sandbox: in containers the user is root, which Chromium refuses to sandbox. The page is our own file. */
export const launch = (): Promise<Browser> =>
  chromium.launch({ ...(found !== undefined && { executablePath: found }), args: ["--no-sandbox", "--disable-gpu"] })
