/** A file layer under `node:fs`: it passes everything on, and keeps a log of what would change a disk below a folder. */
import { sep } from "node:path"
import { replaced, stock } from "./node-fs.ts"

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

const text = new TextEncoder()
const bytesOf = (data: unknown): Uint8Array =>
  typeof data === "string" ? text.encode(data) : Uint8Array.from(data as Uint8Array)

/** Runs `body` with a log of the operations below `root`, whose paths are told from there. */
export const recorded = async <A>(
  root: string,
  body: (tell: (what: string) => void) => Promise<A>,
): Promise<{ readonly result: A; readonly log: ReadonlyArray<Operation> }> => {
  const log: Array<Operation> = []
  let files = 0
  /** From the folder; SQLite writes its locks itself, and needs none of them after a crash. */
  const own = (path: unknown): string | undefined => {
    if (path === root) return "."
    if (typeof path !== "string" || !path.startsWith(root + sep)) return undefined
    const name = path.slice(root.length + 1)
    return name.split(sep)[0] === "locks" ? undefined : name
  }
  /** What is open, with the place where the next bytes go; a folder has no number. */
  interface Open {
    readonly path: string
    readonly file: number | undefined
    at: number
  }
  const opened = (path: string, flags: unknown): Open => {
    if (flags === "r") return { path, file: undefined, at: 0 }
    log.push({ kind: "create", path, file: ++files })
    return { path, file: files, at: 0 }
  }
  const write = (to: Open, data: unknown) => {
    const bytes = bytesOf(data)
    log.push({ kind: "write", file: to.file!, at: to.at, bytes })
    to.at += bytes.length
  }
  const flush = ({ path, file }: Open) =>
    void log.push(file === undefined ? { kind: "flush folder", path } : { kind: "flush file", file })

  const descriptors = new Map<number, Open>()
  const now = {
    openSync: (path: string, flags: string, ...rest: []) => {
      const descriptor = stock.now.openSync(path, flags, ...rest)
      const name = own(path)
      if (name !== undefined) descriptors.set(descriptor, opened(name, flags))
      return descriptor
    },
    writeFileSync: (to: string | number, data: string, ...rest: []) => {
      stock.now.writeFileSync(to, data, ...rest)
      const file = typeof to === "number" ? descriptors.get(to) : undefined
      if (file !== undefined) write(file, data)
    },
    fsyncSync: (descriptor: number) => {
      stock.now.fsyncSync(descriptor)
      const file = descriptors.get(descriptor)
      if (file !== undefined) flush(file)
    },
    closeSync: (descriptor: number) => {
      descriptors.delete(descriptor)
      stock.now.closeSync(descriptor)
    },
    mkdirSync: (path: string, ...rest: []) => {
      const made = stock.now.mkdirSync(path, ...rest)
      const name = own(path)
      if (name !== undefined) log.push({ kind: "folder", path: name })
      return made
    },
    renameSync: (path: string, to: string) => {
      stock.now.renameSync(path, to)
      log.push({ kind: "rename", path: own(path)!, to: own(to)! })
    },
    rmSync: (path: string, ...rest: []) => {
      stock.now.rmSync(path, ...rest)
      if (own(path) !== undefined) log.push({ kind: "remove", path: own(path)! })
    },
  }
  const soon = {
    open: async (path: string, flags: string, ...rest: []) => {
      const handle = await stock.soon.open(path, flags, ...rest)
      const name = own(path)
      if (name === undefined) return handle
      const file = opened(name, flags)
      const [writeFile, sync] = [handle.writeFile.bind(handle), handle.sync.bind(handle)]
      return Object.assign(handle, {
        writeFile: async (data: string) => {
          await writeFile(data)
          write(file, data)
        },
        sync: async () => {
          await sync()
          flush(file)
        },
      })
    },
    rename: async (path: string, to: string) => {
      await stock.soon.rename(path, to)
      log.push({ kind: "rename", path: own(path)!, to: own(to)! })
    },
    rm: async (path: string, ...rest: []) => {
      await stock.soon.rm(path, ...rest)
      if (own(path) !== undefined) log.push({ kind: "remove", path: own(path)! })
    },
  }
  const result = await replaced(now, soon, () => body((what) => log.push({ kind: "told", what })))
  return { result, log }
}
