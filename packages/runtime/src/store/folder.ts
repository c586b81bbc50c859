/** Folders for files. Node's own recursive `mkdir` runs for ever where a file system refuses with "no such file", as `/proc` does. */
import { closeSync, fsyncSync, lstatSync, mkdirSync, openSync, statSync } from "node:fs"
import { dirname, join, relative, sep } from "node:path"
import { StoreUnusable } from "./error.ts"

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true

/**
 * Throws where something below the root is a link: whoever made a store may have led it elsewhere, and what is written or removed
 * stays in it. The root itself may be one.
 */
export const refuseLinks = (root: string, path: string): void => {
  let at = root
  for (const part of relative(root, path).split(sep)) refuseLink((at = join(at, part)))
}

/** The same of one file. */
export const refuseLink = (path: string): void => {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true)
    throw new StoreUnusable({ path, reason: "is a link", hint: "only the folder of a store may be one" })
}

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
