/** What is fuzzed: how a case is made, and what reads it. */
import type { Draws } from "@relent/random"

/** How one reader ended: what it read, as a text that is equal for equal values, or why it refused, in words. */
export type Reading = { readonly value: string } | { readonly refused: string }

/** How each reader of the bytes ended, by its name. */
export type Readings = { readonly [reader: string]: Reading }

export interface Target {
  /** The bytes of a case. The same draws give the same bytes. */
  readonly make: (draws: Draws) => Uint8Array
  /** Rejects for whatever is neither a value nor a typed error. */
  readonly read: (bytes: Uint8Array) => Promise<Readings>
}
