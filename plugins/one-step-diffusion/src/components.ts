/** Coordinates of images: along the directions in which they vary most, or their pixels. */
import { objectCodec, TableMismatch, tensorValue } from "@relent/arrow"
import { Count, Positive } from "@relent/named"
import { EigenvalueDecomposition, Matrix } from "ml-matrix"
import { Schema } from "effect"

interface Coordinates {
  readonly height: number
  readonly width: number
  /** Of images in [0, 1], `[height * width]`. */
  readonly mean: Float64Array
  /** Coordinates are multiplied by it, so that their standard deviation over all is what was wanted. */
  readonly scale: number
}
export interface PrincipalComponents extends Coordinates {
  readonly kind: "components"
  /** Orthonormal rows `[count, height * width]`, the largest variance first. */
  readonly directions: Float64Array
  /** The share of the images' variance that the coordinates keep, in (0, 1]. */
  readonly variance: number
}
/** A coordinate a pixel. */
export interface Pixels extends Coordinates {
  readonly kind: "pixels"
}
export type Components = PrincipalComponents | Pixels

const size = { height: Count, width: Count, scale: Positive }
const ofOtherImages = (what: string) =>
  new TableMismatch({ schema: "one-step-diffusion/components", problems: [`its ${what} of other images`] })

export const Components = objectCodec<Components>()("one-step-diffusion/components", 1, {
  components: {
    header: Schema.Struct({ ...size, variance: Positive }),
    decode: (
      header: Pick<PrincipalComponents, "height" | "width" | "scale" | "variance">,
      { mean, directions },
    ): PrincipalComponents => {
      const pixels = header.height * header.width
      if (mean!.values.length !== pixels || directions!.values.length % pixels !== 0)
        throw ofOtherImages("directions are")
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
  pixels: {
    header: Schema.Struct(size),
    decode: (header: Omit<Coordinates, "mean">, { mean }): Pixels => {
      if (mean!.values.length !== header.height * header.width) throw ofOtherImages("mean is")
      return { kind: "pixels", ...header, mean: mean!.values as Float64Array }
    },
    encode: (value) => [value, { mean: tensorValue("float64", value.mean) }],
  },
})

/** How many coordinates a point has. */
export const countOf = (of: Components): number =>
  of.kind === "pixels" ? of.mean.length : of.directions.length / of.mean.length

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
): PrincipalComponents | undefined => {
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

/**
 * Pixels about their means, with the scale that gives them the standard deviation `deviation` over all; undefined where all images are
 * the same.
 */
export const pixelsOf = (
  images: Uint8Array,
  [height, width]: readonly [number, number],
  deviation: number,
): Pixels | undefined => {
  const size = height * width
  const rows = images.length / size
  const mean = new Float64Array(size)
  let squares = 0
  for (let i = 0; i < images.length; i++) {
    mean[i % size]! += images[i]! / 255 / rows
    squares += (images[i]! / 255) ** 2 / images.length
  }
  const variance = squares - mean.reduce((sum, m) => sum + m ** 2, 0) / size
  return variance > 1e-12 ? { kind: "pixels", height, width, mean, scale: deviation / Math.sqrt(variance) } : undefined
}

/** Coordinates `[n, count]` of images of bytes: scale V (image / 255 - mean), with V = 1 for pixels. */
export const project = (components: Components, images: Uint8Array): Float32Array => {
  if (components.kind === "pixels") {
    const { mean, scale } = components
    return new Float32Array(images.length).map((_, i) => scale * (images[i]! / 255 - mean[i % mean.length]!))
  }
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
  const { mean, scale } = components
  const [size, count] = [mean.length, countOf(components)]
  const out = new Uint8Array((x.length / count) * size)
  const byte = (v: number) => Math.round(255 * Math.min(1, Math.max(0, v)))
  if (components.kind === "pixels") return out.map((_, i) => byte(mean[i % size]! + x[i]! / scale))
  const { directions } = components
  const image = new Float64Array(size)
  for (let i = 0; i < x.length / count; i++) {
    image.set(mean)
    for (let c = 0; c < count; c++) {
      const v = x[i * count + c]! / scale
      for (let j = 0; j < size; j++) image[j]! += v * directions[c * size + j]!
    }
    for (let j = 0; j < size; j++) out[i * size + j] = byte(image[j]!)
  }
  return out
}
