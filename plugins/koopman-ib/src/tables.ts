/** The tables of this plugin. */
import { Column, TableSchema } from "@relent/arrow"

/** What a set of points needs. */
export const points = { x: Column.tensor("float32", ["features"]) }
/** What points in clusters need. */
export const clustered = { ...points, label: Column.int32 }

export const Points = TableSchema.make("koopman-ib/points", 1, { id: Column.int32, ...points })
export const Clustered = TableSchema.make("koopman-ib/clustered", 1, { id: Column.int32, ...clustered })

/** How near a set of points is to a target. */
export const Nearness = TableSchema.make("koopman-ib/nearness", 1, {
  cauchySchwarz: Column.float64,
  mmd: Column.float64,
  within: Column.float64,
})

/** The share of the points that each cluster of the target has got. */
export const Shares = TableSchema.make("koopman-ib/shares", 1, { cluster: Column.int32, share: Column.float64 })

/** A power for every mode. */
export const Modes = TableSchema.make("koopman-ib/modes", 1, {
  mode: Column.int32,
  gain: Column.float64,
  power: Column.float64,
})

/** What powers achieve, in nats, and how far they are from the best at most. */
export const Allocation = TableSchema.make("koopman-ib/allocation", 1, {
  information: Column.float64,
  effectiveDimension: Column.float64,
  gap: Column.float64,
})

/** What trajectories are: one a row, its states one after the other. */
export const trajectories = { x: Column.tensor("float32", ["steps", "features"]) }

export const Trajectories = TableSchema.make("koopman-ib/trajectories", 1, { id: Column.int32, ...trajectories })
