/** The graph of a run as SVG, a link a box. */
import { type Arrow, type Box, type Graph, graphText } from "../graph.ts"
import { type Html, html } from "./html.ts"

const fit = (text: string, width: number): string => {
  const most = Math.floor((width - 16) / 7)
  return text.length > most ? `${text.slice(0, Math.max(1, most - 1))}…` : text
}

const box = ({ name, stage, state, status, x, y, width, height }: Box, target: string): Html =>
  html`<a href="#${target}" aria-label="${name}: ${stage}, ${state}"
    ><title>${name}: ${stage}, ${state}</title
    ><g transform="translate(${(x - width / 2).toFixed(1)} ${(y - height / 2).toFixed(1)})" class="box ${status}">
      <rect width="${width}" height="${height}" rx="7" />
      <text x="${width / 2}" y="19" class="name">${fit(name, width)}</text>
      <text x="${width / 2}" y="36">${fit(stage, width)}</text>
      <text x="${width / 2}" y="53" class="state">${fit(state, width)}</text>
    </g></a
  >`

const arrow = ({ from, to, ports, points }: Arrow, head: string): Html => {
  const path = points.map(({ x, y }, i) => `${i === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`).join(" ")
  return html`<path d="${path}" marker-end="url(#${head})"><title>${from} to ${to}: ${ports.join(", ")}</title></path>`
}

/** `targets` are the places on the page that boxes lead to, in the order of the boxes. */
export const graphHtml = (graph: Graph, targets: ReadonlyArray<string>, id: string): Html =>
  html`<div class="scroll" tabindex="0" role="group" aria-label="Graph of the pipeline">
      <svg
        class="graph"
        width="${graph.width}"
        height="${graph.height}"
        viewBox="0 0 ${graph.width} ${graph.height}"
        role="group"
        aria-label="${graphText(graph)}"
      >
        <defs>
          <marker id="${id}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
            <path d="M0 0L8 4L0 8z" />
          </marker>
        </defs>
        <g class="arrows" aria-hidden="true">${graph.arrows.map((one) => arrow(one, id))}</g>
        ${graph.boxes.map((one, i) => box(one, targets[i]!))}
      </svg>
    </div>
    <p class="hint">
      ${graphText(graph)} A filled box was computed in this run, a dashed one came from the store. Times are what
      computing took, of the cached when it was done.
    </p>`
