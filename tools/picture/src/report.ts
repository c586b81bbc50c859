/** Runs a quick suite and a small pipeline, and writes pictures of their reports to docs/report.png. Wants a Chromium: $RELENT_CHROMIUM, or on the path. */
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { type Browser, chromium, type Locator } from "playwright-core"

const root = join(import.meta.dirname, "../../..")
const command = join(root, "apps/runner/bin/relent.js")
const folder = mkdtempSync(join(tmpdir(), "relent-picture-"))
const relent = (...words: ReadonlyArray<string>) =>
  execFileSync(process.execPath, [command, ...words], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] })

const digits = `name: digits
seed: 1
stages:
  data: { stage: datasets/mnist }
  few: { stage: datasets/take, in: { table: data.train }, with: { rows: 60, how: balanced } }
outputs: { digits: few.table }
`

const open = async (browser: Browser, file: string, width: number, colorScheme: "light" | "dark") => {
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme })
  await page.goto(pathToFileURL(join(folder, file)).href)
  return page
}

/** A piece of a page, as an address of its picture; charts are waited for. */
const pieceOf = async (locator: Locator, height: number): Promise<string> => {
  await locator.scrollIntoViewIfNeeded()
  for (const drawing of (await locator.locator(".drawing").all()).slice(0, 4)) {
    await drawing.scrollIntoViewIfNeeded()
    await drawing.locator("svg").first().waitFor()
  }
  const { x, y, width, height: all } = (await locator.boundingBox())!
  const [top, left] = await locator.page().evaluate(() => [scrollY, scrollX] as const)
  const clip = { x: x + left, y: y + top, width, height: Math.min(height, all) }
  const png = await locator.page().screenshot({ clip, fullPage: true })
  return `data:image/png;base64,${png.toString("base64")}`
}

writeFileSync(join(folder, "digits.yaml"), digits)
relent("suite", "run", join(root, "plugins/rlhf/suites/kl-rl.yaml"), "--quick", "--html", "suite.html")
relent("run", "digits.yaml")
relent("report", "--out", "digits.html")

const executablePath =
  process.env["RELENT_CHROMIUM"] ?? execFileSync("which", ["chromium"], { encoding: "utf8" }).trim()
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] })
const suite = await open(browser, "suite.html", 1000, "light")
const phone = await open(browser, "digits.html", 380, "dark")
const pieces = [
  await pieceOf(suite.locator("body"), 640),
  await pieceOf(suite.locator(".chart", { hasText: "reward of" }), 470),
  await pieceOf(suite.locator(".chart", { hasText: "entropy of rlhf" }), 470),
  await pieceOf(phone.locator("body"), 1130),
]
const [cards, left, right, dark] = pieces
const sheet = await browser.newPage({ viewport: { width: 1440, height: 1180 } })
await sheet.setContent(`<style>body{margin:0;padding:24px;background:#e8ebef;display:flex;gap:24px;align-items:flex-start}
.main{background:#fff;border-radius:10px;overflow:hidden;width:1000px}.row{display:flex;gap:16px;padding:0 24px 16px}
img{display:block}.row img{width:calc(50% - 8px);object-fit:contain;object-position:top}.phone{border-radius:22px}</style>
<div class="main"><img src="${cards}"><div class="row"><img src="${left}"><img src="${right}"></div></div><img class="phone" src="${dark}">`)
await sheet.locator("img").last().waitFor()
await sheet.screenshot({ path: join(root, "docs/report.png") })
await browser.close()
rmSync(folder, { recursive: true })
