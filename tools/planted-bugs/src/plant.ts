/** Plants a bug for a while. */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { Bug } from "./bug.ts"

/** What `f` gives while the bug is in the copy. */
export const withBug = <A>(root: string, { file, find, put }: Bug, f: () => A): A => {
  const path = join(root, file)
  const text = readFileSync(path, "utf8")
  if (text.split(find).length !== 2) throw new Error(`${file} doesn't hold once: ${find}`)
  writeFileSync(
    path,
    text.replace(find, () => put),
  )
  try {
    return f()
  } finally {
    writeFileSync(path, text)
  }
}
