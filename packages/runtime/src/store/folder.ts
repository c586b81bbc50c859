/** Folders for files. Node's own recursive `mkdir` runs for ever where a file system refuses with "no such file", as `/proc` does. */
import { mkdirSync, statSync } from "node:fs"
import { dirname } from "node:path"

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true

/** Makes a folder, and those above it that aren't there. Throws what the system says. */
export const makeFolder = (path: string): void => {
  if (isFolder(path)) return
  const above = dirname(path)
  if (above !== path) makeFolder(above)
  try {
    mkdirSync(path)
  } catch (error) {
    if (!isFolder(path)) throw error // another process was quicker
  }
}
