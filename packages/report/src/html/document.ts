/** The whole document: one file that asks nothing of any network. */
import { createHash } from "node:crypto"
import type { Card } from "../card.ts"
import type { Page, Section } from "../page.ts"
import { counted } from "../spell.ts"
import { type Assets } from "./assets.ts"
import { badge } from "./card.ts"
import { type Html, html, raw } from "./html.ts"
import { sectionHtml } from "./section.ts"

const hash = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`

/** Nothing is loaded; only these scripts and this style count, to the byte. */
const policyOf = (style: string, scripts: ReadonlyArray<string>): string =>
  [
    "default-src 'none'",
    `script-src ${scripts.map(hash).join(" ")}`,
    `style-src ${hash(style)}`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ")

const verdicts = ["reproduced", "not reproduced", "undecided"] as const

const countsOf = (cards: ReadonlyArray<Card>): ReadonlyArray<readonly [Card["verdict"], number]> =>
  verdicts.map((verdict) => [verdict, cards.filter((card) => card.verdict === verdict).length] as const)

const changedText = (cards: ReadonlyArray<Card>): string => {
  const changed = cards.filter((card) => card.changed).length
  return changed === 0 ? "all as recorded" : `${changed} not as recorded`
}

const summary = (sections: ReadonlyArray<Section>): Html | undefined => {
  const cards = sections.flatMap((section) => section.cards)
  if (cards.length === 0) return undefined
  const counts = countsOf(cards).filter(([, count]) => count > 0)
  return html`<p class="summary">
    ${counted(cards.length, "claim")}:
    ${counts.map(([verdict, count]) => html`<span class="count">${count} ${badge(verdict)}</span> `)}<span
      >${changedText(cards)}</span
    >
  </p>`
}

const contents = (sections: ReadonlyArray<Section>): Html =>
  html`<nav aria-label="Suites">
    <div class="scroll" tabindex="0" role="group" aria-label="Suites and their verdicts">
      <table class="contents">
        <thead>
          <tr>
            <th scope="col">suite</th>
            ${verdicts.map((verdict) => html`<th scope="col">${verdict}</th>`)}
            <th scope="col">record</th>
          </tr>
        </thead>
        <tbody>
          ${sections.map(
            ({ title, cards }, i) =>
              html`<tr>
                <td><a href="#section-${i}">${title}</a></td>
                ${countsOf(cards).map(([, count]) => html`<td class="number">${count}</td>`)}
                <td>${changedText(cards)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </nav>`

/** The page as one HTML document. */
export const documentOf = ({ title, note, sections }: Page, { style, script, charts }: Assets): string => {
  const scripts = [...(sections.some((section) => section.charts.length > 0) ? charts : []), script]
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policyOf(style, scripts)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="generator" content="relent" />
        <title>${title}</title>
        ${raw(`<style>${style}</style>`)}
      </head>
      <body>
        <a class="skip" href="#main">To the content</a>
        <header>
          <p class="brand">relent report</p>
          <h1>${title}</h1>
          ${summary(sections)}${note !== undefined && html`<p class="hint">${note}.</p>`}${sections.length > 1 && contents(sections)}
        </header>
        <main id="main">
          ${sections.map((section, i) => sectionHtml(section, `section-${i}`, sections.length === 1))}
        </main>
        ${scripts.map((text) => raw(`<script>${text}</script>`))}
      </body>
    </html> `.markup
}
