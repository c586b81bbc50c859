/** What was measured, as a table, and its medians as ratios to the baseline of the same run. */
import { Column, TableSchema } from "@relent/arrow"
import type { ModelName } from "../models/index.ts"

export const Times = TableSchema.make("bench/training", 1, {
  contender: Column.utf8,
  backend: Column.utf8,
  mode: Column.utf8,
  model: Column.utf8,
  round: Column.int32,
  ms: Column.float64,
})

export interface Time {
  readonly contender: string
  readonly backend: string
  readonly mode: string
  readonly model: ModelName
  readonly round: number
  /** Of a step. */
  readonly ms: number
}

export interface Summary {
  readonly name: string
  readonly model: ModelName
  /** Median of a step. */
  readonly ms: number
  /** Quartiles of the ratio to the baseline in the same round; undefined without a baseline. */
  readonly ratio: readonly [number, number, number] | undefined
}

/** PyTorch as most people run it. */
export const baseline = "PyTorch cpu eager"

const sameContender = (time: Time) => `${time.contender} ${time.backend} ${time.mode}`

/** By linear interpolation between the values. */
export const quantile = (values: ReadonlyArray<number>, share: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  const at = share * (sorted.length - 1)
  const [low, high] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!]
  return low + (high - low) * (at - Math.floor(at))
}

export const summarise = (times: ReadonlyArray<Time>): ReadonlyArray<Summary> => {
  const base = new Map(
    times.filter((time) => sameContender(time) === baseline).map(({ model, round, ms }) => [`${model} ${round}`, ms]),
  )
  const groups = Map.groupBy(times, (time) => `${sameContender(time)} ${time.model}`)
  return [...groups.values()].map((group) => {
    const [first] = group as [Time]
    const ratios = group.flatMap(({ model, round, ms }) => {
      const reference = base.get(`${model} ${round}`)
      return reference === undefined ? [] : [ms / reference]
    })
    const quartiles = [quantile(ratios, 0.25), quantile(ratios, 0.5), quantile(ratios, 0.75)] as const
    const ms = quantile(
      group.map((time) => time.ms),
      0.5,
    )
    return { name: sameContender(first), model: first.model, ms, ratio: ratios.length > 0 ? quartiles : undefined }
  })
}
