/** HTML that can't be broken by data: what is interpolated is text, unless it is HTML already. */

/** Markup, as opposed to text. Only `html` and `raw` make it. */
export interface Html {
  readonly markup: string
}

type Part = Html | string | number | undefined | false | ReadonlyArray<Html>

const entities: { readonly [character: string]: string } = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
}

/** Text as it stands between tags, or within quotes. Control characters, which HTML forbids, become dots. */
export const escape = (text: string): string =>
  // oxlint-disable-next-line no-control-regex -- what is looked for
  text.replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, "·").replaceAll(/[&<>"']/g, (c) => entities[c]!)

const markupOf = (part: Part): string => {
  if (part === undefined || part === false) return ""
  if (typeof part === "string") return escape(part)
  if (typeof part === "number") return String(part)
  return "markup" in part ? part.markup : part.map(({ markup }) => markup).join("")
}

/** The indentation of a template is the formatter's: of a line break and what follows, a line break is left. */
const plain = (text: string): string => text.replaceAll(/\n\s*/g, "\n")

/** A template of HTML: `html\`<p title="${text}">${text}</p>\``. Attributes must stand in double quotes. */
export const html = (strings: TemplateStringsArray, ...parts: ReadonlyArray<Part>): Html => ({
  markup: strings.map((text, i) => (i === 0 ? plain(text) : `${markupOf(parts[i - 1])}${plain(text)}`)).join(""),
})

/** Markup that is known to be right: a style, a script. */
export const raw = (markup: string): Html => ({ markup })

/** A value within `<script type="application/json">`: no text in it can end the element. */
export const jsonIn = (value: unknown): Html =>
  raw(
    JSON.stringify(value)
      .replaceAll("<", String.raw`\u003c`)
      .replaceAll("\u2028", String.raw`\u2028`)
      .replaceAll("\u2029", String.raw`\u2029`),
  )
