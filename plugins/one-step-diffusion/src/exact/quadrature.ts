/** Integrals over the line, for densities that are Gaussians and their mixtures. */
import { type FDivergence, float64 } from "@relent/divergence"
import { type Affine, logDensityAt } from "../affine.ts"
import { densityAndScore, type GaussianMixture } from "../gaussian-mixture.ts"

/** Equally spaced nodes: the trapezoidal rule, whose error for such densities falls like exp(-(deviation / spacing)^2). */
export interface Nodes {
  readonly x: Float64Array
  /** `(x - mean) / deviation` of the student. */
  readonly z: Float64Array
  /** `log(q dx)`. */
  readonly logMass: Float64Array
  readonly spacing: number
}

const reach = 12 // deviations to both sides: what is left out is below 1e-32
/** Nodes a deviation, for smooth integrands, and for those with kinks, whose error falls like the square of the spacing. */
const nodesPerDeviation = { smooth: 10, kinked: 400 }
const most = 1_000_000

/** Nodes that see every component of the teacher and the student; undefined when there would be too many. */
export const nodesOf = (
  { means, deviations }: GaussianMixture,
  student: Affine,
  integrand: keyof typeof nodesPerDeviation = "smooth",
): Nodes | undefined => {
  const centres = [...means, student.mean]
  const widths = [...deviations, student.deviation]
  const low = Math.min(...centres.map((c, i) => c - reach * widths[i]!))
  const high = Math.max(...centres.map((c, i) => c + reach * widths[i]!))
  const spacing = Math.min(...widths) / nodesPerDeviation[integrand]
  const count = Math.ceil((high - low) / spacing) + 1
  if (count > most) return undefined
  const x = Float64Array.from({ length: count }, (_, i) => low + i * spacing)
  const z = x.map((v) => (v - student.mean) / student.deviation)
  return { x, z, spacing, logMass: logDensityAt(student, z).map((l) => l + Math.log(spacing)) }
}

/** `D_f(teacher || student)`. */
export const divergenceOf = (
  divergence: FDivergence,
  teacher: GaussianMixture,
  { x, spacing, logMass }: Nodes,
): number => {
  const logTarget = densityAndScore(teacher, x).logDensity.map((l) => l + Math.log(spacing))
  return divergence.logForm(logTarget, logMass, float64).value() as number
}
