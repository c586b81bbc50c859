/** The page in a real browser: it draws, turns, opens and is accessible, in light and dark, wide and narrow. */
import { readFileSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { documentOf, pageOf, readAssets } from "../src/index.ts"
import { executable, launch, why } from "./browser.ts"
import { judged, newStore, outcome, pipeline, runToy, tablesOf } from "./toy.ts"

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")

interface Axe {
  readonly run: (options: object) => Promise<{
    readonly violations: ReadonlyArray<{
      readonly id: string
      readonly nodes: ReadonlyArray<{ readonly html: string }>
    }>
  }>
}

if (executable === undefined) console.warn(`Pages aren't tested in a browser: ${why}`)

describe.skipIf(executable === undefined)(`a page in Chromium (${executable ?? why})`, () => {
  const store = newStore()
  let browser: Browser
  /** What clicks are tried on: opening a page takes longer than they do. */
  let shared: Page
  const address = (name: string) => pathToFileURL(join(store.folder, name)).href
  beforeAll(async () => {
    const manifest = await runToy(store.folder)
    const again = await runToy(store.folder, pipeline(["kl"]))
    const material = { manifest, held: await tablesOf(store.folder, manifest) }
    const suites = [
      outcome(),
      outcome({ claim: "undecided", verdict: "undecided", interval: { mean: 1, low: -Infinity, high: Infinity } }),
      outcome({ claim: "wrong", verdict: "not reproduced", wanted: { above: -1, below: 0.2 } }),
    ]
    const write = (name: string, ...materials: Parameters<typeof pageOf>[0]) =>
      writeFileSync(join(store.folder, name), documentOf(pageOf(materials), readAssets()))
    write("run.html", { ...material, judged: judged(suites) })
    const other = {
      manifest: again,
      held: await tablesOf(store.folder, again),
      judged: { ...judged(), suite: "other" },
    }
    write("suites.html", { ...material, judged: judged(suites) }, other)
    browser = await launch()
    shared = (await open("run.html")).page
    await drawAll(shared)
  }, 180_000)
  afterAll(async () => {
    await browser.close()
    store.remove()
  })

  interface Looks {
    readonly name: string
    readonly colorScheme: "light" | "dark"
    readonly width: number
  }
  const looks: ReadonlyArray<Looks> = [
    { name: "light", colorScheme: "light", width: 1200 },
    { name: "dark", colorScheme: "dark", width: 1200 },
    { name: "on a phone", colorScheme: "light", width: 360 },
  ]
  /** Opens a page; whatever it asks of a network, and whatever its policy or its code complains of, is kept. */
  const open = async (name: string, { colorScheme, width }: Looks = looks[0]!) => {
    const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme })
    const complaints: Array<string> = []
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()))
    page.on("pageerror", (error) => complaints.push(error.message))
    page.on("request", (request) => /^(?:file|data):/.test(request.url()) || complaints.push(request.url()))
    await page.goto(address(name))
    return { page, complaints }
  }
  const drawAll = async (page: Page) => {
    await page.locator("details").evaluateAll((all) => all.forEach((one) => ((one as HTMLDetailsElement).open = true)))
    for (const drawing of await page.locator(".drawing").all()) {
      await drawing.scrollIntoViewIfNeeded()
      await drawing.locator("svg").first().waitFor({ state: "attached" })
    }
  }

  for (const look of looks)
    it(`draws every chart, complains of nothing and is accessible, ${look.name}`, async () => {
      for (const name of look === looks[0] ? ["run.html", "suites.html"] : ["run.html"]) {
        const { page, complaints } = await open(name, look)
        await drawAll(page)
        expect(await page.locator(".chart-failed").count()).toBe(0)
        expect(complaints).toEqual([])
        // Nothing is wider than the screen but what scrolls by itself.
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(look.width)
        expect(await page.evaluate(() => (globalThis as { hacked?: number }).hacked)).toBeUndefined()
        // Evaluated from outside, where the page's policy doesn't hold.
        await page.evaluate(axe)
        const { violations } = await page.evaluate(() =>
          (globalThis as unknown as { axe: Axe }).axe.run({ resultTypes: ["violations"] }),
        )
        expect(
          violations.map(({ id, nodes }) => [id, nodes.slice(0, 3).map(({ html }) => html.slice(0, 200))]),
        ).toEqual([])
        await page.close()
      }
    }, 180_000)

  it("turns the pages of a table", async () => {
    const table = shared.locator("details.table", { hasText: "collect.table" })
    const [said, next, previous] = [table.locator(".pages span"), table.getByText("Next"), table.getByText("Previous")]
    const first = () => table.locator("tbody:visible tr").first().locator("td").nth(2).textContent()
    expect([await said.textContent(), await first(), await table.locator("tbody:visible tr").count()]).toEqual([
      "Rows 1 to 20 of 48",
      "0",
      20,
    ])
    expect(await previous.isDisabled()).toBe(true)
    await next.click()
    expect([await said.textContent(), await first()]).toEqual(["Rows 21 to 40 of 48", "4"])
    await next.click()
    expect([await said.textContent(), await next.isDisabled()]).toEqual(["Rows 41 to 48 of 48", true])
    await previous.click()
    expect(await said.textContent()).toBe("Rows 21 to 40 of 48")
  }, 60_000)
  it("shows images, and their rows", async () => {
    const images = shared.locator("details.table", { hasText: "images.images" })
    expect(await images.locator("img:visible").count()).toBe(24)
    const [first] = await images.locator("img").all()
    expect(await first!.getAttribute("alt")).toMatch(/^image of 8 by 8: id 0, note <\/script>/)
    expect(await first!.evaluate((img: HTMLImageElement) => [img.naturalWidth, img.width])).toEqual([8, 80])
    await images.getByText("Next").click()
    expect(await images.locator("li:visible").first().textContent()).toMatch(/id 24, note note 24/)
  }, 60_000)
  it("opens what a box of the graph leads to", async () => {
    const { page } = await open("suites.html")
    const part = page.locator("details.part", { hasText: "Pipeline" }).first()
    await part.locator("summary").click()
    const step = page.locator("details.step", { hasText: "train" }).first()
    expect(await step.isVisible()).toBe(false)
    await part.getByRole("link", { name: /^train:/ }).click()
    await step.locator("dl").first().waitFor({ state: "visible" })
    expect(await step.getByText("toy/train").first().isVisible()).toBe(true)
    await page.locator("nav a").nth(1).click()
    expect(await page.locator("#section-1").evaluate((one) => one.getBoundingClientRect().top < innerHeight)).toBe(true)
  }, 60_000)
  it("draws its charts again when the colours change", async () => {
    const colour = () => shared.locator(".drawing svg .mark-symbol path").first().getAttribute("fill")
    const light = await colour()
    await shared.emulateMedia({ colorScheme: "dark" })
    await expect.poll(colour, { timeout: 20_000 }).not.toBe(light)
  }, 60_000)
  it("shows all rows where no script runs", async () => {
    const page = await browser.newPage({ javaScriptEnabled: false })
    await page.goto(address("run.html"))
    const images = page.locator("details.table", { hasText: "images.images" })
    expect([await images.locator("li:visible").count(), await images.locator(".pages").isVisible()]).toEqual([
      60,
      false,
    ])
  }, 60_000)
})
