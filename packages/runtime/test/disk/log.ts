/** The log of what would change a disk below a folder. */
import { relative, sep } from "node:path"
import { watched } from "./watched.ts"

/** What was asked of the disk, in order. `file` is a number for each file that was made: it keeps it when it is renamed. */
export type Operation =
  | { readonly kind: "folder"; readonly path: string }
  | { readonly kind: "create"; readonly path: string; readonly file: number }
  | { readonly kind: "write"; readonly file: number; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: "flush file"; readonly file: number }
  | { readonly kind: "flush folder"; readonly path: string }
  | { readonly kind: "rename"; readonly path: string; readonly to: string }
  | { readonly kind: "remove"; readonly path: string }
  /** Something that was told to whoever runs it. */
  | { readonly kind: "told"; readonly what: string }

/** Runs `body` with a log of the operations below `root`, whose paths are told from there. */
export const recorded = async <A>(
  root: string,
  body: (tell: (what: string) => void) => Promise<A>,
): Promise<{ readonly result: A; readonly log: ReadonlyArray<Operation> }> => {
  const log: Array<Operation> = []
  /** Files that are written, by the names they were made under, with the place where the next bytes go. */
  const files = new Map<string, { readonly file: number; at: number }>()
  const after = (call: string, name: string, ...rest: ReadonlyArray<any>) => {
    const path = name || "."
    // SQLite writes its locks itself, and needs none of them after a crash.
    if (path.split(sep)[0] === "locks") return
    const known = files.get(path)
    if (call === "open" && rest[0] !== "r") {
      const file = files.size + 1
      files.set(path, { file, at: 0 })
      log.push({ kind: "create", path, file })
    } else if (call === "write" && known !== undefined) {
      const bytes = Uint8Array.from(Buffer.from(rest[0]))
      log.push({ kind: "write", ...known, bytes })
      known.at += bytes.length
    } else if (call === "flush")
      log.push(known === undefined ? { kind: "flush folder", path } : { kind: "flush file", file: known.file })
    else if (call === "rename") log.push({ kind: "rename", path, to: relative(root, rest[0]) })
    else if (call === "folder" || call === "remove") log.push({ kind: call, path })
  }
  const result = await watched(root, { after }, () => body((what) => log.push({ kind: "told", what })))
  return { result, log }
}
