/** Segmentations drawn onto their images. */

/** Red, green and blue of the classes from 1 on, again from the first where they end: told apart by those who see no red, too. */
const colours = [
  [230, 159, 0],
  [86, 180, 233],
  [0, 158, 115],
  [240, 228, 66],
  [204, 121, 167],
] as const

/** Values of an image as bytes: the darkest 0, the brightest 255; several channels become their mean. */
export const grey = (image: ArrayLike<number>, channels: number): Uint8Array => {
  const values = Float64Array.from({ length: image.length / channels }, (_, i) => {
    let sum = 0
    for (let c = 0; c < channels; c++) sum += image[i * channels + c]!
    return sum / channels
  })
  const [low, high] = [values.reduce((a, v) => Math.min(a, v)), values.reduce((a, v) => Math.max(a, v))]
  const range = high > low ? high - low : 1
  return Uint8Array.from(values, (v) => Math.round((255 * (v - low)) / range))
}

/** A grey image `[pixels]` in colour, `[pixels, 3]`: half of the class's colour where there is one, the background as it is. */
export const overlay = (image: Uint8Array, mask: ArrayLike<number>): Uint8Array => {
  const out = new Uint8Array(3 * image.length)
  image.forEach((v, i) => {
    const k = mask[i]!
    const colour = colours[(k - 1) % colours.length]
    for (let c = 0; c < 3; c++) out[3 * i + c] = k === 0 ? v : Math.round((v + colour![c]!) / 2)
  })
  return out
}
