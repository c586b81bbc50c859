/** Principal components of images: the directions in which they vary most. */
import { objectCodec, TableMismatch, tensorValue } from "@relent/arrow"
import { Count, Positive } from "@relent/named"
import { EigenvalueDecomposition, Matrix } from "ml-matrix"
import { Schema } from "effect"

export interface Components {
  readonly kind: "components"
  readonly height: number
  readonly width: number
  /** Of images in [0, 1], `[height * width]`. */
  readonly mean: Float64Array
  /** Orthonormal rows `[count, height * width]`, the largest variance first. */
  readonly directions: Float64Array
  /** Coordinates are multiplied by it, so that their standard deviation over all is what was wanted. */
  readonly scale: number
  /** The share of the images' variance that the coordinates keep, in (0, 1]. */
  readonly variance: number
}

export const Components = objectCodec<Components>()("one-step-diffusion/components", 1, {
  components: {
    header: Schema.Struct({ height: Count, width: Count, scale: Positive, variance: Positive }),
    decode: (header: Pick<Components, "height" | "width" | "scale" | "variance">, { mean, directions }) => {
      const size = header.height * header.width
      if (mean!.values.length !== size || directions!.values.length % size !== 0)
        throw new TableMismatch({
          schema: "one-step-diffusion/components",
          problems: ["its directions are of other images"],
        })
      return {
        kind: "components",
        ...header,
        mean: mean!.values as Float64Array,
        directions: directions!.values as Float64Array,
      }
    },
    encode: (value) => [
      value,
      { mean: tensorValue("float64", value.mean), directions: tensorValue("float64", value.directions) },
    ],
  },
})

/** How many coordinates a point has. */
export const countOf = ({ mean, directions }: Components): number => directions.length / mean.length

/** The covariance of rows of bytes / 255 times n - 1, and their mean; bytes of 0 are skipped. */
const scatter = (images: Uint8Array, size: number) => {
  const n = images.length / size
  const mean = new Float64Array(size)
  const products = new Float64Array(size * size)
  const at = new Int32Array(size)
  for (let i = 0; i < n; i++) {
    const image = images.subarray(i * size, (i + 1) * size)
    let found = 0
    for (let j = 0; j < size; j++) if (image[j] !== 0) at[found++] = j
    for (let a = 0; a < found; a++) {
      const [j, v] = [at[a]!, image[at[a]!]!]
      mean[j]! += v
      for (let b = 0; b <= a; b++) products[j * size + at[b]!]! += v * image[at[b]!]! // whole numbers: exact
    }
  }
  const covariance = new Matrix(size, size)
  for (let j = 0; j < size; j++)
    for (let k = 0; k <= j; k++) {
      const value = (products[j * size + k]! - (mean[j]! * mean[k]!) / n) / 255 ** 2
      covariance.set(j, k, value)
      covariance.set(k, j, value)
    }
  return { mean: mean.map((v) => v / n / 255), covariance }
}

/**
 * The `count` eigenvectors of the covariance with the largest eigenvalues, each with its largest entry above 0, and the scale that gives
 * the coordinates the standard deviation `deviation` over all. Undefined where the images vary in fewer directions.
 *
 * @reference pearson1901lines
 */
export const componentsOf = (
  images: Uint8Array,
  [height, width]: readonly [number, number],
  count: number,
  deviation: number,
): Components | undefined => {
  const size = height * width
  const n = images.length / size
  const { mean, covariance } = scatter(images, size)
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(covariance, { assumeSymmetric: true })
  const order = [...realEigenvalues.keys()]
    .toSorted((a, b) => realEigenvalues[b]! - realEigenvalues[a]!)
    .slice(0, count)
  const total = realEigenvalues.reduce((sum, v) => sum + v, 0)
  if (order.length < count || !(realEigenvalues[order.at(-1)!]! > 1e-9 * total)) return undefined
  const kept = order.reduce((sum, i) => sum + realEigenvalues[i]!, 0)
  const directions = new Float64Array(count * size)
  order.forEach((column, c) => {
    const v = eigenvectorMatrix.getColumn(column)
    const largest = v.reduce((best, x) => (Math.abs(x) > Math.abs(best) ? x : best), 0)
    directions.set(
      v.map((x) => x * Math.sign(largest)),
      c * size,
    )
  })
  const scale = deviation / Math.sqrt(kept / n / count)
  return { kind: "components", height, width, mean, directions, scale, variance: kept / total }
}

/** Coordinates `[n, count]` of images of bytes: scale V (image / 255 - mean). */
export const project = (components: Components, images: Uint8Array): Float32Array => {
  const { mean, directions, scale } = components
  const [size, count] = [mean.length, countOf(components)]
  const shift = Float64Array.from({ length: count }, (_, c) =>
    mean.reduce((sum, m, j) => sum + m * directions[c * size + j]!, 0),
  )
  const out = new Float32Array((images.length / size) * count)
  for (let i = 0; i < images.length / size; i++)
    for (let c = 0; c < count; c++) {
      let sum = 0
      for (let j = 0; j < size; j++) {
        const v = images[i * size + j]!
        if (v !== 0) sum += v * directions[c * size + j]!
      }
      out[i * count + c] = scale * (sum / 255 - shift[c]!)
    }
  return out
}

/** Images of bytes `[n, height * width]` of coordinates: 255 (mean + x V / scale), between 0 and 255. */
export const render = (components: Components, x: Float32Array): Uint8Array => {
  const { mean, directions, scale } = components
  const [size, count] = [mean.length, countOf(components)]
  const out = new Uint8Array((x.length / count) * size)
  const image = new Float64Array(size)
  for (let i = 0; i < x.length / count; i++) {
    image.set(mean)
    for (let c = 0; c < count; c++) {
      const v = x[i * count + c]! / scale
      for (let j = 0; j < size; j++) image[j]! += v * directions[c * size + j]!
    }
    for (let j = 0; j < size; j++) out[i * size + j] = Math.round(255 * Math.min(1, Math.max(0, image[j]!)))
  }
  return out
}
