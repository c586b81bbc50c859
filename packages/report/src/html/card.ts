/** Cards of claims. */
import type { Card, Strip } from "../card.ts"
import { type Html, html } from "./html.ts"

const marks = { reproduced: "✓", "not reproduced": "✗", undecided: "?" } as const

/** The class of a verdict in the style. */
export const verdictClass = (verdict: Card["verdict"]): string => verdict.replaceAll(" ", "-")

export const badge = (verdict: Card["verdict"]): Html =>
  html`<span class="badge ${verdictClass(verdict)}"><span aria-hidden="true">${marks[verdict]}</span> ${verdict}</span>`

const [width, height, middle] = [300, 30, 15]
const at = (share: number): string => (8 + share * (width - 16)).toFixed(1)
const long = (from: number, to: number): string => ((to - from) * (width - 16)).toFixed(1)

/** The interval on a line: shaded where the claim wants it, a dot a seed, a bar from end to end, the mean. */
const strip = ({ low, high, mean, wanted: [from, to], zero, dots, ends }: Strip, label: string): Html =>
  html`<svg class="strip" viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">
      <rect class="wanted" x="${at(from)}" y="2" width="${long(from, to)}" height="${height - 4}" />
      ${zero === undefined ? undefined : html`<line class="zero" x1="${at(zero)}" x2="${at(zero)}" y1="2" y2="${height - 2}" />`}
      ${dots.map((dot) => html`<circle class="seed" cx="${at(dot)}" cy="${middle}" r="3.4" />`)}
      <line class="interval" x1="${at(low)}" x2="${at(high)}" y1="${middle}" y2="${middle}" />
      <rect class="mean" x="${at(mean)}" y="${middle - 7}" width="2.5" height="14" transform="translate(-1.25 0)" />
    </svg>
    <div class="ends" aria-hidden="true"><span>${ends[0]}</span><span>${ends[1]}</span></div>`

export const cardHtml = (card: Card): Html =>
  html`<li class="card ${verdictClass(card.verdict)}">
    <h4>${card.claim}</h4>
    <p class="row">
      ${badge(card.verdict)} <span class="record${card.changed ? " changed" : ""}">${card.record}</span>
    </p>
    <p>${card.statement}</p>
    ${card.expected !== undefined && html`<p class="hint">${card.expected}</p>`}
    ${card.strip === undefined ? undefined : strip(card.strip, `${card.interval}; ${card.test}`)}
    <p class="figures">
      <strong>${card.interval}</strong><br />${card.test}<br />${card.seeds}<br />source: ${card.source}
    </p>
  </li>`
