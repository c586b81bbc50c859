/** Unpacking by Python, which is needed anyway and reads wheels and tarballs in pieces. */
import { Effect } from "effect"
import { lastWords, run } from "./child.ts"
import { native } from "../native.ts"
import { UnpackFailed } from "./error.ts"

/** What an archive holds that is wanted. */
export interface Part {
  /** The file. */
  readonly archive: string
  readonly into: string
  /** Cut off from the names. */
  readonly prefix: string
  /** Names with shell wildcards; `!` leaves out again. */
  readonly patterns: ReadonlyArray<string>
}

export const unpack = ({ archive, into, prefix, patterns }: Part): Effect.Effect<void, UnpackFailed> =>
  Effect.gen(function* () {
    const ended = yield* run("python3", ["-I", native("unpack.py"), archive, into, prefix, ...patterns])
    const said = ended === undefined ? "there is no python3" : lastWords(ended)
    if (ended?.code !== 0) yield* new UnpackFailed({ what: archive, said })
  })
