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

/** Half a minute of pages: in CI, and in the long tier. */
const isWanted = process.env["RELENT_VERIFY"] === "1"
export const executable = isWanted ? found : undefined
export const why = isWanted ? "no Chromium on the path; RELENT_CHROMIUM names one" : "RELENT_VERIFY=1 does"

/** No sandbox: in containers the user is root, which Chromium refuses to sandbox. The page is our own file. */
export const launch = (): Promise<Browser> =>
  chromium.launch({ ...(found !== undefined && { executablePath: found }), args: ["--no-sandbox", "--disable-gpu"] })
