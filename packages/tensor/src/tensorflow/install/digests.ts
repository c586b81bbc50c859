/** SHA-256 of files. */
import { createHash } from "node:crypto"
import { createReadStream } from "node:fs"
import { readdir, stat } from "node:fs/promises"
import { join, relative } from "node:path"
import { pipeline } from "node:stream/promises"

export const digestOf = async (path: string): Promise<string> => {
  const hash = createHash("sha256")
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash)
  return hash.digest("hex")
}

/** All files of a folder, in order, by their paths in it. */
export const filesIn = async (folder: string): Promise<ReadonlyArray<string>> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .toSorted()
}

/** The digest of every file of a folder. */
export const digestsIn = async (folder: string): Promise<Readonly<Record<string, string>>> => {
  const digests: Record<string, string> = {}
  for (const path of await filesIn(folder)) digests[path] = await digestOf(join(folder, path))
  return digests
}

/** What a folder's files take, in bytes. */
export const bytesIn = async (folder: string): Promise<number> => {
  let bytes = 0
  for (const path of await filesIn(folder)) bytes += (await stat(join(folder, path))).size
  return bytes
}
