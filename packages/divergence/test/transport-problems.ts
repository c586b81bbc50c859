/** The card's fixture and the problems of the goldens. */
import { readFileSync } from "node:fs"
import { softmax } from "../src/information.ts"

export const zs = [
  [1, 0.5, -0.5],
  [0.2, -0.3, 0.8],
  [-1, 2, 0],
]
export const zt = [
  [2, 1, 0],
  [0.5, 1.5, -0.5],
  [-0.5, 0, 1.5],
]

/** Probabilities at temperature 2, as points. */
export const softened = (logits: ReadonlyArray<ReadonlyArray<number>>) => ({
  values: logits.flatMap((row) => [...softmax(row, 2)]),
  dimension: logits[0]!.length,
})

/** sin(1.7 k + seed), for the k-th element. */
export const made = (length: number, seed: number): Array<number> =>
  Array.from({ length }, (_, k) => Math.sin(k * 1.7 + seed))

export const weights = (n: number, seed: number): Array<number> => {
  const w = made(n, seed).map((v) => v + 1.5)
  const total = w.reduce((a, b) => a + b, 0)
  return w.map((v) => v / total)
}

interface Golden {
  readonly card: {
    readonly cost: ReadonlyArray<number>
    readonly plan: { readonly sinkhorn: ReadonlyArray<number>; readonly sinkhorn_log: ReadonlyArray<number> }
    readonly exact: number
  }
  readonly rectangular: ReadonlyArray<{
    readonly size: readonly [number, number]
    readonly epsilon: number
    readonly plan: { readonly pot: ReadonlyArray<number>; readonly ott: ReadonlyArray<number> }
    readonly cost: number
    readonly value: number
  }>
  readonly assignment: ReadonlyArray<{
    readonly n: number
    readonly columns: ReadonlyArray<number>
    readonly cost: number
  }>
  readonly divergence: ReadonlyArray<{
    readonly cost: "squared-euclidean" | "l1"
    readonly epsilon: number
    readonly value: number
    readonly gradient: ReadonlyArray<number>
  }>
}

export const golden = JSON.parse(readFileSync(new URL("golden/transport.json", import.meta.url), "utf8")) as Golden

export const groundCosts = { "squared-euclidean": { norm: 2, power: 2 }, l1: {} } as const
