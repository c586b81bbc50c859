/** Lines of a terminal as an SVG. */
import type { Span, Style } from "./screen.ts"

const fill: { readonly [style in Style]: string } = {
  plain: "#d4d4d4",
  bold: "#ffffff",
  dim: "#8b949e",
  red: "#f47067",
  green: "#57ab5a",
  yellow: "#c69026",
  blue: "#539bf5",
  cyan: "#39c5cf",
}
const [size, advance, leading, margin] = [13, 7.83, 18, 16]

const escape = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")

const css = Object.entries(fill)
  .map(([style, colour]) => `.${style}{fill:${colour}${style === "bold" ? ";font-weight:bold" : ""}}`)
  .join("")

export const svgOf = (lines: ReadonlyArray<ReadonlyArray<Span>>, columns: number): string => {
  const [width, height] = [Math.ceil(columns * advance + 2 * margin), lines.length * leading + 2 * margin]
  const rows = lines.map((spans, i) => {
    const words = spans.map(({ text, style }) => `<tspan class="${style}">${escape(text)}</tspan>`).join("")
    return `<text xml:space="preserve" x="${margin}" y="${margin + (i + 0.75) * leading}">${words}</text>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<style>text{font:${size}px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;white-space:pre}${css}</style>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
${rows.join("\n")}
</svg>
`
}
