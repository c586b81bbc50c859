// The script of the page: turns pages of tables, draws charts when they come into view, opens what a link leads to.
"use strict"

/** @param {Element} paged a table's container: what it shows comes in `.page`s, one at a time */
const turnPages = (paged) => {
  const controls = paged.querySelector(".pages")
  if (!(controls instanceof HTMLElement)) return
  const pages = /** @type {Array<HTMLElement>} */ ([...paged.querySelectorAll(".page")])
  const [previous, next] = [...controls.querySelectorAll("button")]
  const said = controls.querySelector("span")
  if (!previous || !next || !said) return
  const [size, rows] = [Number(controls.dataset["size"]), Number(controls.dataset["rows"])]
  let at = 0
  const show = () => {
    pages.forEach((page, i) => (page.hidden = i !== at))
    said.textContent = `Rows ${at * size + 1} to ${Math.min(rows, (at + 1) * size)} of ${rows}`
    previous.disabled = at === 0
    next.disabled = at === pages.length - 1
  }
  previous.addEventListener("click", () => (at--, show()))
  next.addEventListener("click", () => (at++, show()))
  controls.hidden = false
  show()
}
document.querySelectorAll(".paged").forEach(turnPages)

const openTarget = () => {
  let found = document.getElementById(decodeURIComponent(location.hash.slice(1)))
  const target = found
  for (; found; found = found.parentElement) if (found instanceof HTMLDetailsElement) found.open = true
  target?.scrollIntoView()
}
addEventListener("hashchange", openTarget)
if (location.hash.length > 1) openTarget()

const dark = matchMedia("(prefers-color-scheme: dark)")
const colours = {
  light: ["#0b5cad", "#c2410c", "#15803d", "#9333ea", "#b91c1c", "#0e7490", "#a16207", "#be185d", "#4d7c0f", "#475569"],
  dark: ["#6cb2ff", "#ff9e64", "#7ee787", "#d2a8ff", "#ff8b84", "#56d4dd", "#e3b341", "#ff9bce", "#b5d96a", "#a9b4c2"],
}

/** Vega's configuration, in the colours of the page. */
const config = () => {
  const style = getComputedStyle(document.documentElement)
  const [fore, soft, line] = ["--fore", "--soft", "--line"].map((name) => style.getPropertyValue(name).trim())
  const font = "system-ui, sans-serif"
  return {
    background: "transparent",
    font,
    view: { stroke: null },
    range: { category: colours[dark.matches ? "dark" : "light"] },
    mark: { color: colours[dark.matches ? "dark" : "light"][0] },
    axis: {
      labelColor: soft,
      titleColor: fore,
      gridColor: line,
      domainColor: soft,
      tickColor: soft,
      labelFontSize: 11,
      titleFontSize: 12,
      titleFontWeight: "normal",
      gridOpacity: 0.6,
    },
    legend: {
      orient: "bottom",
      direction: "vertical",
      columns: 1,
      labelColor: fore,
      titleColor: fore,
      labelLimit: 320,
      labelFontSize: 12,
      symbolStrokeWidth: 3,
    },
    header: { labelColor: fore, titleColor: fore },
    title: { color: fore },
    text: { color: fore },
  }
}

/** @type {Set<Element>} */
const drawn = new Set()

/** @param {Element} drawing */
const draw = async (drawing) => {
  drawn.add(drawing)
  const text = drawing.parentElement?.querySelector("script[type='application/json']")?.textContent ?? "{}"
  const { vegaEmbed } = /** @type {any} */ (globalThis)
  try {
    await vegaEmbed(drawing, JSON.parse(text), {
      mode: "vega-lite",
      renderer: "svg",
      actions: false,
      // The policy of the page forbids code made of text: expressions are interpreted.
      ast: true,
      defaultStyle: false,
      tooltip: { disableDefaultStyle: true },
      config: config(),
    })
    drawing.querySelectorAll("svg").forEach((svg) => svg.setAttribute("aria-hidden", "true"))
  } catch (error) {
    drawing.textContent = `This chart can't be drawn: ${error instanceof Error ? error.message : String(error)}`
    drawing.classList.add("chart-failed")
  }
}

const charts = [...document.querySelectorAll(".drawing")]
const seen = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries)
      if (isIntersecting) {
        seen.unobserve(target)
        void draw(target)
      }
  },
  { rootMargin: "400px" },
)
for (const chart of charts) seen.observe(chart)
dark.addEventListener("change", () => {
  for (const chart of drawn) void draw(chart)
})
