/** The document without a browser: nothing in it comes from data but text, and its policy names what is in it. */
import { createHash } from "node:crypto"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { documentOf, type Material, pageOf, readAssets } from "../src/index.ts"
import { html, jsonIn, raw } from "../src/html/html.ts"
import { hostile, judged, newStore, runToy, tablesOf } from "./toy.ts"

describe("html", () => {
  it("takes what is interpolated as text, and a list of markup as markup", () => {
    const title = `<b>"it's" & more</b>\u0007`
    expect(html`<p title="${title}">${title}</p>`.markup).toBe(
      `<p title="&lt;b&gt;&quot;it&#39;s&quot; &amp; more&lt;/b&gt;·">&lt;b&gt;&quot;it&#39;s&quot; &amp; more&lt;/b&gt;·</p>`,
    )
    expect(html`${[html`<i>${1}</i>`, raw("<br>")]}${undefined}${false}${0}`.markup).toBe("<i>1</i><br>0")
  })
  it("keeps JSON within its element", () => {
    const { markup } = jsonIn({ text: hostile })
    expect(markup).not.toMatch(/[<\u2028]/)
    expect(JSON.parse(markup)).toEqual({ text: hostile })
  })
})

describe("a document", () => {
  const store = newStore()
  let material: Material
  let page: string
  beforeAll(async () => {
    const manifest = await runToy(store.folder)
    material = { manifest, held: await tablesOf(store.folder, manifest), judged: judged() }
    page = documentOf(pageOf([material]), readAssets())
  })
  afterAll(store.remove)

  const elements = (name: string, of = page) =>
    [...of.matchAll(new RegExp(`<${name}(?: type="([^"]*)")?>([\\s\\S]*?)</${name}>`, "g"))].map(
      ([, type, text]) => [type, text!] as const,
    )
  const hash = (text: string) => `sha256-${createHash("sha256").update(text).digest("base64")}`

  it("allows by its policy just the scripts and the style that it has, and nothing from elsewhere", () => {
    const [, policy = ""] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(
      page.replaceAll("&#39;", "'"),
    )!
    const scripts = elements("script").filter(([type]) => type === undefined)
    expect(scripts).toHaveLength(4)
    expect(policy).toBe(
      `default-src 'none'; script-src ${scripts.map(([, text]) => `'${hash(text)}'`).join(" ")}; style-src '${hash(elements("style")[0]![1])}'; img-src data:; base-uri 'none'; form-action 'none'`,
    )
    const markup = page.replaceAll(/<(script|style)[\s\S]*?<\/\1>/g, "")
    expect(markup).not.toMatch(/ (?:src|href)="(?!data:image\/png;base64,|#)/)
    expect(markup).not.toMatch(/ (?:on\w+|style)="/)
  })
  it("has what data says as text only", () => {
    expect(page).not.toContain("<script>window.hacked")
    expect(page).not.toMatch(/<img src=x/)
    expect(page.split("&lt;/script&gt;&lt;script&gt;window.hacked = 1").length).toBeGreaterThan(10)
  })
  it("has the libraries of charts only where there is one", () => {
    const { manifest, held } = material
    const plain = held.filter(({ name }) => name === "images.images")
    const small = documentOf(pageOf([{ manifest, held: plain }]), readAssets())
    expect(elements("script", small).map(([type]) => type)).toEqual([undefined])
    expect(small.length).toBeLessThan(120_000)
    expect(page.length).toBeLessThan(1_200_000)
  })
  it("has ids that are there once, and links that lead somewhere", () => {
    const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const [, target] of page.matchAll(/ href="#([^"]*)"/g)) expect(ids).toContain(target)
  })
})
