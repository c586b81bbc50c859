/** A run, or a suite, on the page. */
import type { Chart } from "../chart.ts"
import type { Section } from "../page.ts"
import { counted } from "../spell.ts"
import { cardHtml } from "./card.ts"
import { detailHtml, factList } from "./detail.ts"
import { graphHtml } from "./graph.ts"
import { type Html, html, jsonIn } from "./html.ts"
import { tableHtml } from "./table.ts"

const chartHtml = ({ title, caption, spec }: Chart): Html =>
  html`<figure class="chart">
    <h4>${title}</h4>
    <div class="drawing" role="img" aria-label="${caption}"></div>
    <script type="application/json">
      ${jsonIn(spec)}
    </script>
    <figcaption>${caption}</figcaption>
  </figure>`

const part = (title: string, about: string, open: boolean, content: Html): Html =>
  html`<details class="part" ${open && html` open`}>
    <summary>
      <h3>${title}</h3>
      <span class="hint">${about}</span>
    </summary>
    ${content}
  </details>`

/** `alone`: nothing else is on the page, so everything worth it is open. */
export const sectionHtml = (section: Section, id: string, alone: boolean): Html => {
  const { title, facts, cards, charts, graph, details, tables } = section
  const steps = details.map((_, i) => `${id}-step-${i}`)
  return html`<section id="${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title" ${alone && html` class="unseen"`}>${title}</h2>
    ${factList(facts)}
    ${
      cards.length > 0 &&
      html`<h3>Claims</h3>
        <ul class="cards">
          ${cards.map(cardHtml)}
        </ul>`
    }
    ${charts.length > 0 && part("Charts", counted(charts.length, "chart"), alone || cards.length > 0, html`<div class="charts">${charts.map(chartHtml)}</div>`)}
    ${part("Pipeline", counted(graph.boxes.length, "step"), alone, graphHtml(graph, steps, `${id}-head`))}
    ${part(
      "Tables",
      counted(tables.length, "table"),
      alone,
      html`${tables.map((table, i) => tableHtml(table, `${id}-table-${i}`, alone && table.outputs.length > 0))}`,
    )}
    ${part("Parameters and provenance", "", alone, html`${details.map((detail, i) => detailHtml(detail, steps[i]!))}`)}
  </section>`
}
