/** The graph of a run: a box a step, laid out from what is read to what is made. A sweep's steps of one name share a box. */
import { graphlib, layout } from "@dagrejs/dagre"
import type { Manifest } from "@relent/runtime"
import { counted, duration } from "./spell.ts"
import { type Group, groupsOf, nameOf } from "./steps.ts"

export interface Box {
  readonly name: string
  readonly stage: string
  /** `computed, 7.5 s`, `cached (7.5 s)`, `3 computed, 1 cached, 29.0 s`. */
  readonly state: string
  readonly status: "computed" | "cached" | "both"
  /** Its centre and size, in pixels. */
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface Arrow {
  readonly from: string
  readonly to: string
  /** What goes along it: ports of the step it comes from. */
  readonly ports: ReadonlyArray<string>
  readonly points: ReadonlyArray<{ readonly x: number; readonly y: number }>
}

export interface Graph {
  readonly width: number
  readonly height: number
  readonly boxes: ReadonlyArray<Box>
  readonly arrows: ReadonlyArray<Arrow>
}

/** What was computed, what came from the store, and what computing took: of the cached, when they were computed. */
export const stateOf = ({ steps }: Pick<Group, "steps">): Pick<Box, "state" | "status"> => {
  const computed = steps.filter(({ status }) => status === "computed").length
  const cached = steps.length - computed
  const time = duration(steps.reduce((sum, { milliseconds }) => sum + milliseconds, 0))
  const text = (count: number, word: string) => (steps.length === 1 ? word : `${count} ${word}`)
  if (computed === 0) return { status: "cached", state: `${text(cached, "cached")} (${time})` }
  return cached === 0
    ? { status: "computed", state: `${text(computed, "computed")}, ${time}` }
    : { status: "both", state: `${computed} computed, ${cached} cached, ${time}` }
}

/** The ports between steps, by the names of both. */
const edgesOf = (groups: ReadonlyArray<Group>) => {
  const ports = new Map<string, { readonly from: string; readonly to: string; readonly ports: Set<string> }>()
  for (const { name: to, steps } of groups)
    for (const { step, port } of steps.flatMap(({ inputs = {} }) => Object.values(inputs).flat())) {
      const from = nameOf(step)
      const key = JSON.stringify([from, to])
      const edge = ports.get(key) ?? { from, to, ports: new Set() }
      edge.ports.add(port)
      ports.set(key, edge)
    }
  return [...ports.values()]
}

const [height, advance, margin] = [62, 7.4, 12]

export const graphOf = (manifest: Manifest): Graph => {
  const groups = groupsOf(manifest)
  const known = new Set(groups.map(({ name }) => name))
  const edges = edgesOf(groups).filter(({ from }) => known.has(from))
  const plan = new graphlib.Graph()
  plan.setGraph({ rankdir: "TB", nodesep: 18, ranksep: 34, marginx: 2, marginy: 2 })
  plan.setDefaultEdgeLabel(() => ({}))
  for (const group of groups) {
    const texts = [group.name, group.stage, stateOf(group).state]
    const width = Math.min(260, Math.max(110, ...texts.map((text) => text.length * advance + 2 * margin)))
    plan.setNode(group.name, { width, height })
  }
  for (const { from, to } of edges) plan.setEdge(from, to)
  layout(plan)
  const { width = 0, height: total = 0 } = plan.graph()
  return {
    width: Math.ceil(width),
    height: Math.ceil(total),
    boxes: groups.map((group) => {
      const { x, y, width: own } = plan.node(group.name)
      return { name: group.name, stage: group.stage, ...stateOf(group), x, y, width: own, height }
    }),
    arrows: edges.map(({ from, to, ports }) => ({
      from,
      to,
      ports: [...ports],
      points: plan.edge({ v: from, w: to }).points,
    })),
  }
}

/** The graph in words: what each step reads. */
export const graphText = ({ boxes, arrows }: Graph): string => {
  const reads = boxes.map(({ name }) => {
    const from = arrows.filter(({ to }) => to === name).map((arrow) => arrow.from)
    return from.length === 0 ? name : `${name} reads ${from.join(", ")}`
  })
  return `${counted(boxes.length, "step")}: ${reads.join("; ")}.`
}
