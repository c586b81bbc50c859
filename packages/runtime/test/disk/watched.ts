/** A file layer under `node:fs`: calls of whoever imported it go on to the disk, and those below a folder are told before and after. */
import fs from "node:fs"
import promises, { type FileHandle } from "node:fs/promises"
import { syncBuiltinESMExports } from "node:module"
import { relative, sep } from "node:path"

export const calls = ["open", "write", "flush", "rename", "read", "folder", "remove"] as const
export type Call = (typeof calls)[number]

/** Told the path that a file was opened by or is called by, from the folder (`""` is the folder itself), and what else was given. */
type Told = (call: Call, path: string, ...rest: ReadonlyArray<any>) => void
export interface Watcher {
  /** What it throws, the call throws. */
  readonly before?: Told
  readonly after?: Told
}

const now = {
  openSync: "open",
  writeFileSync: "write",
  fsyncSync: "flush",
  renameSync: "rename",
  readFileSync: "read",
  mkdirSync: "folder",
  rmSync: "remove",
} as const
const soon = { open: "open", rename: "rename", readdir: "read", rm: "remove" } as const
const ofHandle = { writeFile: "write", sync: "flush", read: "read" } as const

type Function = (...all: ReadonlyArray<any>) => any
/** The functions of these names, each made anew. */
const each = (
  names: Readonly<Record<string, Call>>,
  all: object,
  make: (call: Call, stock: Function) => Function,
): Readonly<Record<string, Function>> =>
  Object.fromEntries(
    Object.entries(names).map(([name, call]) => [name, make(call, (all as Record<string, Function>)[name]!.bind(all))]),
  )

/** Runs `body` while a watcher sees what is done below `root`. */
export const watched = async <A>(
  root: string,
  { before = () => {}, after = () => {} }: Watcher,
  body: () => Promise<A>,
): Promise<A> => {
  /** The paths that descriptors were opened by. */
  const descriptors = new Map<unknown, string>()
  const own = (target: unknown): string | undefined => {
    if (typeof target !== "string") return descriptors.get(target)
    return target === root || target.startsWith(root + sep) ? relative(root, target) : undefined
  }
  const atOnce =
    (call: Call, stock: Function): Function =>
    (target, ...rest) => {
      const path = own(target)
      if (path === undefined) return stock(target, ...rest)
      before(call, path, ...rest)
      const result: unknown = stock(target, ...rest)
      if (call === "open") descriptors.set(result, path)
      after(call, path, ...rest)
      return result
    }
  const later =
    (call: Call, stock: Function): Function =>
    async (target, ...rest) => {
      const path = own(target)
      if (path === undefined) return stock(target, ...rest)
      before(call, path, ...rest)
      const result: unknown = await stock(target, ...rest)
      after(call, path, ...rest)
      return call === "open"
        ? Object.assign(result as FileHandle, each(ofHandle, result as FileHandle, ofOpen(path)))
        : result
    }
  const ofOpen =
    (path: string) =>
    (call: Call, stock: Function): Function =>
    async (...all) => {
      before(call, path, ...all)
      const result: unknown = await stock(...all)
      after(call, path, ...all)
      return result
    }
  const stock = { sync: { ...fs }, async: { ...promises } }
  const put = (sync: object, async: object) => {
    Object.assign(fs, sync)
    Object.assign(promises, async)
    syncBuiltinESMExports()
  }
  const closeSync = (descriptor: number) => {
    descriptors.delete(descriptor)
    stock.sync.closeSync(descriptor)
  }
  put({ ...each(now, stock.sync, atOnce), closeSync }, each(soon, stock.async, later))
  try {
    return await body()
  } finally {
    const itself = (_: Call, function_: Function) => function_
    put({ ...each(now, stock.sync, itself), closeSync: stock.sync.closeSync }, each(soon, stock.async, itself))
  }
}
