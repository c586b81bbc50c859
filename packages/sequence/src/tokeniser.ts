/** Tokens of texts: characters of an alphabet, or bytes. */
import { Data } from "effect"

/** Text to ids below `vocabulary`, and back. */
export interface Tokeniser {
  readonly name: string
  readonly vocabulary: number
  readonly encode: (text: string) => Int32Array
  readonly decode: (ids: Iterable<number>) => string
}

/** A text, or an id, that a tokeniser doesn't know. */
export class TokenUnknown extends Data.TaggedError("TokenUnknown")<{
  readonly tokeniser: string
  readonly reason: string
}> {
  override get message() {
    return `the tokeniser '${this.tokeniser}' can't: ${this.reason}`
  }
}

/**
 * A character a token, in the order of the alphabet. Throws `TokenUnknown` for others.
 *
 * ```ts example
 * import { characters } from "@relent/sequence"
 * [...characters("letters", " abc").encode("a cab")] // => [1, 0, 3, 1, 2]
 * ```
 */
export const characters = (name: string, alphabet: string): Tokeniser => {
  const known = Array.from(alphabet)
  const ids = new Map(known.map((character, id) => [character, id]))
  return {
    name,
    vocabulary: known.length,
    encode: (text) =>
      Int32Array.from(text, (character, at) => {
        const id = ids.get(character)
        if (id === undefined)
          throw new TokenUnknown({
            tokeniser: name,
            reason: `it has no ${JSON.stringify(character)} (character ${at})`,
          })
        return id
      }),
    decode: (given) =>
      Array.from(given, (id) => {
        if (known[id] === undefined) throw new TokenUnknown({ tokeniser: name, reason: `there is no token ${id}` })
        return known[id]
      }).join(""),
  }
}

/** Space 0, a to z 1 to 26. */
export const letters = characters("letters", " abcdefghijklmnopqrstuvwxyz")

/** The bytes of UTF-8, 0 to 255. Bytes that are no text decode to U+FFFD. */
export const bytes: Tokeniser = {
  name: "bytes",
  vocabulary: 256,
  encode: (text) => Int32Array.from(new TextEncoder().encode(text)),
  decode: (ids) => {
    const given = Uint8Array.from(ids, (id) => {
      if (!Number.isInteger(id) || id < 0 || id > 255)
        throw new TokenUnknown({ tokeniser: "bytes", reason: `there is no token ${id}` })
      return id
    })
    return new TextDecoder().decode(given)
  },
}

/** All of them: one is tested by being here. */
export const tokenisers = [letters, bytes]
