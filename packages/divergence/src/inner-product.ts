/** Divergences that are functions of inner products of the two densities. */
import type { Elementwise } from "./arithmetic.ts"

/** D from the logarithms of `<target, target>`, `<model, model>` and `<target, model>`. */
export type OfInnerProducts = <N>(
  target: N | number,
  model: N | number,
  across: N | number,
  elementwise: Elementwise<N>,
) => N | number

/** `-2 log cos` of the angle between the two: `log <t, t> + log <m, m> - 2 log <t, m>`. */
export const logCosine: OfInnerProducts = (target, model, across, { add, sub, mul }) =>
  sub(add(target, model), mul(2, across))

/** `|t - m|^2 = <t, t> + <m, m> - 2 <t, m>`. */
export const squaredDistance: OfInnerProducts = (target, model, across, { add, sub, mul, exp }) =>
  sub(add(exp(target), exp(model)), mul(2, exp(across)))
