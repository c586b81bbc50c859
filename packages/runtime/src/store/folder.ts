/** Folders for files. Node's own recursive `mkdir` runs for ever where a file system refuses with "no such file", as `/proc` does. */
import { closeSync, fsyncSync, mkdirSync, openSync, statSync } from "node:fs"
import { dirname } from "node:path"

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true

/** Opens a file or a folder, and flushes it before it is closed. */
export const flush = (path: string, flags: string, write: (file: number) => void = () => {}): void => {
  const file = openSync(path, flags)
  try {
    write(file)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** Makes a folder that stays, and those above it that aren't there. Throws what the system says. */
export const makeFolder = (path: string): void => {
  if (isFolder(path)) return
  const above = dirname(path)
  if (above !== path) makeFolder(above)
  try {
    mkdirSync(path)
  } catch (error) {
    if (!isFolder(path)) throw error // another process was quicker
  }
  flush(above, "r") // what is flushed in a folder is lost with it
}
