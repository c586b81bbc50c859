/** Compiled functions called as they are: at addresses that are multiples of 4 and of nothing more, between guards. */
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm"
import { expect } from "vitest"
import { tf } from "../../src/index.ts"
import type { Exports } from "../../src/wasm/exports.ts"
import { type Machine, machineOf } from "../../src/wasm/machine.ts"
import type { Call as PoolCall } from "../../src/wasm/threads/pool.ts"

/** A NaN of no other origin: what is read beyond an end spoils a result, what is written there is seen. */
const guard = 0x7fc0_5a5a
const guards = 5

interface Call {
  readonly [name: string]: Float32Array | Int32Array | number
}

/**
 * Calls a function with what is prepared from the addresses of arrays, while wasm is open. The arrays named in `gives` have what the
 * function wrote; the others, and what lies around all of them, may not have changed.
 */
export const raw = <Name extends keyof Exports>(
  name: Name,
  arrays: Call,
  gives: ReadonlyArray<string>,
  prepared: (at: { readonly [name: string]: number }) => Parameters<Exports[Name]>,
): { readonly [name: string]: Float32Array } => {
  const backend = tf.backend() as BackendWasm
  const machine: Machine = machineOf(backend)
  const laid = Object.entries(arrays).map(([name, given]) => {
    const bits = typeof given === "number" ? new Uint32Array(given).fill(guard) : new Uint32Array(given.buffer.slice(0))
    return { name, bits }
  })
  const words = laid.reduce((sum, { bits }) => sum + bits.length + guards, guards)
  const room = machine.scratch(words * 4 + 64)
  // The buffer may be another after memory has grown.
  const heap = () => new Uint32Array((backend.wasm as unknown as { HEAPU8: Uint8Array }).HEAPU8.buffer, room, words)
  const before = new Uint32Array(words).fill(guard)
  const at: Record<string, number> = {}
  let next = guards // 20 bytes from a multiple of 16
  for (const { name, bits } of laid) {
    before.set(bits, next)
    at[name] = next
    next += bits.length + guards
  }
  heap().set(before)
  machine.call(
    ...([
      name,
      ...prepared(Object.fromEntries(Object.entries(at).map(([k, v]) => [k, room + v * 4]))),
    ] as unknown as PoolCall),
  )()
  const after = heap().slice()
  const found: Record<string, Float32Array> = {}
  for (const { name, bits } of laid)
    if (gives.includes(name)) {
      found[name] = new Float32Array(after.buffer, at[name]! * 4, bits.length).slice()
      before.set(after.subarray(at[name], at[name]! + bits.length), at[name])
    }
  expect(after).toEqual(before)
  return found
}

/** What is further from what it should be than `allowed` (a number, or one each), with its place; infinite and no numbers are exact. */
export const far = (
  found: ArrayLike<number>,
  wanted: ArrayLike<number>,
  allowed: number | ArrayLike<number>,
): ReadonlyArray<ReadonlyArray<number>> => {
  expect(found.length).toBe(wanted.length)
  return Array.from(wanted).flatMap((exact, i) => {
    const [v, near] = [found[i]!, Math.fround(exact)]
    const most = typeof allowed === "number" ? allowed : allowed[i]!
    const close = Number.isFinite(near) ? Math.abs(v - exact) <= most : Object.is(v, near)
    return close ? [] : [[i, v, exact]]
  })
}
