/** The numerics class of a backend: two machines of one class give equal bits. */
import { createHash } from "node:crypto"
import type { Opened } from "./opened.ts"
import { tf } from "./tf.ts"

/** Exact in float32: multiples of 1/64 in [-2, 2]. */
const pattern = (rows: number, columns: number) =>
  tf.tensor2d(
    Float32Array.from({ length: rows * columns }, (_, i) => (((i * 37) % 257) - 128) / 64),
    [rows, columns],
  )

/** A small computation whose bits show instruction sets, fused multiply-adds and kernel versions. */
const probe = () => {
  const a = pattern(17, 33)
  const b = pattern(33, 9)
  const product = tf.matMul(a, b)
  const gradient = tf.matMul(a, product, true, false)
  const logits = tf.logSumExp(tf.mul(product, 0.03125), 1)
  const parts = [
    product,
    gradient,
    tf.exp(tf.div(product, 64)),
    tf.log(tf.add(tf.abs(product), 1)),
    logits,
    tf.sum(gradient),
  ]
  return tf.concat(parts.map((part) => tf.reshape(part, [-1])))
}

/** `backend versions kernels [threads] probe`, e.g. `wasm tfjs-4.22.0 simd=relaxed relent-3 probe=0123456789abcdef`. */
export const numericsOf = async (
  backend: string,
  { libraries, kernels, threads, bitsByThreads }: Opened,
): Promise<string> => {
  const bits = tf.tidy(probe)
  const values = await bits.data()
  bits.dispose()
  const digest = createHash("sha256")
    .update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    .digest("hex")
  const versions = [`tfjs-${tf.version_core}`, ...libraries].join(" ")
  const counted = bitsByThreads ? ` threads=${threads}` : ""
  return `${backend} ${versions} ${kernels}${counted} probe=${digest.slice(0, 16)}`
}
