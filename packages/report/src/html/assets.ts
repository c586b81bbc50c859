/** What the page is drawn with: its style, its script, and the libraries of its charts as their packages ship them. */
import { readFileSync } from "node:fs"

export interface Assets {
  readonly style: string
  readonly script: string
  /** Vega, Vega-Lite and vega-embed; only a page with charts has them. */
  readonly charts: ReadonlyArray<string>
}

/** Beside `src` and, when packed, beside `dist`. */
const own = (name: string): string => readFileSync(new URL(`../../src/page/${name}`, import.meta.url), "utf8")

/** The minified build of a package, which its `exports` don't name; a script element must not end within it. */
const library = (name: string): string => {
  const path = new URL(`../build/${name}.min.js`, import.meta.resolve(name))
  return readFileSync(path, "utf8")
    .replaceAll(/<(?=\/script|!--)/gi, String.raw`\x3c`)
    .replace(/\n?\/\/# sourceMappingURL=.*\s*$/, "\n")
}

export const readAssets = (): Assets => ({
  style: own("page.css"),
  script: own("page.js"),
  charts: ["vega", "vega-lite", "vega-embed"].map(library),
})
