/** The tables of regression with a bottleneck. */
import { Column, TableSchema } from "@relent/arrow"

/** What examples of a regression need. */
export const regression = { x: Column.tensor("float32", ["features"]), y: Column.tensor("float32", ["targets"]) }

export const Regression = TableSchema.make("koopman-ib/regression", 1, { id: Column.int32, ...regression })

/** Mean and deviation of the targets that training saw. */
export const TargetScale = TableSchema.make("koopman-ib/target-scale", 1, {
  target: Column.int32,
  mean: Column.float64,
  deviation: Column.float64,
})

/** Errors of the members on attacked inputs, in the units of the targets. */
export const RegressionErrors = TableSchema.make("koopman-ib/regression-errors", 1, {
  member: Column.int32,
  attack: Column.utf8,
  epsilon: Column.float64,
  rmse: Column.float64,
})

/** What a bottleneck t keeps, by normalised quadratic mutual information and HSIC: of the inputs x, and of the targets y. */
export const InformationPlane = TableSchema.make("koopman-ib/information-plane", 1, {
  member: Column.int32,
  ofInputs: Column.float64,
  ofTargets: Column.float64,
  hsicOfInputs: Column.float64,
  hsicOfTargets: Column.float64,
})
