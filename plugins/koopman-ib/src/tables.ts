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

/** How far ahead the members of a model of dynamics see, in deviations of the training data. */
export const Forecast = TableSchema.make("koopman-ib/forecast", 1, {
  member: Column.int32,
  nrmse: Column.float64,
  oneStep: Column.float64,
  persistence: Column.float64,
  entropy: Column.float64,
  effectiveDimension: Column.float64,
  spectralRadius: Column.float64,
})

/** The same for every number of steps. */
export const ForecastErrors = TableSchema.make("koopman-ib/forecast-errors", 1, {
  member: Column.int32,
  horizon: Column.int32,
  rmse: Column.float64,
})

/** Eigenvalues of the members' operators, of a step, the largest first. */
export const Eigenvalues = TableSchema.make("koopman-ib/eigenvalues", 1, {
  member: Column.int32,
  index: Column.int32,
  real: Column.float64,
  imaginary: Column.float64,
  modulus: Column.float64,
})

/** Trajectories in the plane of two coordinates: `kind` is `true` or `predicted`. */
export const Portrait = TableSchema.make("koopman-ib/portrait", 1, {
  trajectory: Column.int32,
  step: Column.int32,
  kind: Column.utf8,
  x: Column.float64,
  y: Column.float64,
})
