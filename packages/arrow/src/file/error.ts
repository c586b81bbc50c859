/** What can be wrong with a file of a table. */
import { Data, Effect } from "effect"
import { Malformed } from "../ipc/flatbuffer.ts"

const told = (path: string, what: string, hint: string | undefined) => `${path}: ${what}${hint ? `; ${hint}` : ""}`

/** A file that can't be read as a table: it is missing, damaged, or something else. */
export class TableUnreadable extends Data.TaggedError("TableUnreadable")<{
  readonly path: string
  readonly what: string
  readonly hint?: string | undefined
}> {
  override get message() {
    return told(this.path, this.what, this.hint)
  }
}

/** A file that can't be written: no such folder, no permission, no room. */
export class TableUnwritable extends Data.TaggedError("TableUnwritable")<{
  readonly path: string
  readonly what: string
  readonly hint?: string | undefined
}> {
  override get message() {
    return told(this.path, this.what, this.hint)
  }
}

const reasons: { readonly [code: string]: readonly [what: string, hint?: string] } = {
  ENOENT: ["there is no such file or folder", "check the path"],
  EACCES: ["permission denied"],
  EISDIR: ["it is a folder", "give the path of a file"],
  ENOTDIR: ["a part of the path is a file"],
  ENOSPC: ["no room is left on the disk"],
  EMFILE: ["too many files are open"],
}

interface Reason {
  readonly what: string
  readonly hint?: string | undefined
}

/** The words for an error that a file can cause; undefined for any other, which is a bug. */
const reasonOf = (error: unknown): Reason | undefined => {
  if (error instanceof Malformed) return { what: error.what, hint: error.hint }
  const { code, message } = error as { readonly code?: unknown; readonly message: string }
  if (typeof code === "string") {
    const [what, hint] = reasons[code] ?? [message]
    return { what, hint }
  }
  return error instanceof RangeError && message.includes("allocation")
    ? { what: "it doesn't fit into memory", hint: "read it batch by batch" }
    : undefined
}

/** Runs work on a file: what the file can cause fails with `fail`'s error, anything else is a defect. */
export const attemptOn =
  <E>(fail: (reason: Reason) => E) =>
  <A>(run: () => Promise<A>): Effect.Effect<A, E> =>
    Effect.tryPromise({ try: run, catch: (error) => error }).pipe(
      Effect.catch((error) => {
        const reason = reasonOf(error)
        return reason === undefined ? Effect.die(error) : Effect.fail(fail(reason))
      }),
    )
