/** Parameters and provenance of a step. */
import type { Detail, Fact } from "../detail.ts"
import { type Html, html } from "./html.ts"

export const factList = (facts: ReadonlyArray<Fact>): Html =>
  html`<dl class="facts">
    ${facts.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`

const rows = ({ axes, points, name }: Detail): Html =>
  html`<div class="scroll" tabindex="0" role="group" aria-label="Results of ${name}">
    <table>
      <thead>
        <tr>
          ${[...axes, "status", "time", "key", "gave"].map((column) => html`<th scope="col">${column}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${points.map(
          ({ at, status, time, key, outputs }) =>
            html`<tr>
              ${at.map((value) => html`<td>${value}</td>`)}
              <td>${status}</td>
              <td class="number">${time}</td>
              <td><code>${key}</code></td>
              <td>${outputs}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`

export const detailHtml = (detail: Detail, id: string): Html =>
  html`<details class="step" id="${id}">
    <summary>
      <h4>${detail.name}</h4>
      <span class="hint">${detail.stage}</span>
    </summary>
    ${
      detail.parameters.length > 0 &&
      html`<h5>Parameters</h5>
        ${factList(detail.parameters)}`
    }
    <h5>Provenance</h5>
    ${factList(detail.facts)} ${rows(detail)}
  </details>`
