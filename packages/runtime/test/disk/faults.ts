/** A disk whose nth call of a kind fails, below a folder. */
import type { FileHandle } from "node:fs/promises"
import { sep } from "node:path"
import { replaced, stock } from "./node-fs.ts"

export const calls = ["open", "write", "flush", "rename", "read", "folder", "remove"] as const
export type Call = (typeof calls)[number]

export interface Fault {
  readonly call: Call
  /** `ENOSPC`, `EIO` */
  readonly code: string
  /** From 1. */
  readonly nth: number
  /** Every call from there on, or this one alone. */
  readonly lasts: boolean
}

/** Runs `body` on a disk with a fault, and tells how often it failed. */
export const failing = async <A>(
  root: string,
  { call: kind, code, nth, lasts }: Fault,
  body: () => Promise<A>,
): Promise<{ readonly result: A; readonly fired: number }> => {
  let [seen, fired] = [0, 0]
  const isOwn = (path: unknown) => typeof path === "string" && path.startsWith(root + sep)
  const descriptors = new Set<unknown>()
  const step = (call: Call, path: unknown) => {
    if (call !== kind || !(isOwn(path) || descriptors.has(path))) return
    seen++
    if (lasts ? seen < nth : seen !== nth) return
    fired++
    throw Object.assign(new Error(`${code}: a fault that was asked for, ${call} '${String(path)}'`), {
      code,
      syscall: call,
    })
  }
  type Function = (...all: ReadonlyArray<any>) => any
  /** The same function, which may fail first. */
  const now = (name: keyof typeof stock.now, call: Call) => ({
    [name]: (...all: ReadonlyArray<unknown>) => {
      step(call, all[0])
      return (stock.now[name] as Function)(...all)
    },
  })
  const soon = (name: keyof typeof stock.soon, call: Call) => ({
    [name]: async (...all: ReadonlyArray<unknown>) => {
      step(call, all[0])
      return (stock.soon[name] as Function)(...all)
    },
  })
  const guarded = (handle: FileHandle, path: string) => {
    const method = (name: "writeFile" | "sync" | "read", call: Call) => {
      const own: Function = handle[name].bind(handle)
      return {
        [name]: async (...all: ReadonlyArray<unknown>) => {
          step(call, path)
          return own(...all)
        },
      }
    }
    return Object.assign(handle, method("writeFile", "write"), method("sync", "flush"), method("read", "read"))
  }
  const result = await replaced(
    {
      ...now("writeFileSync", "write"),
      ...now("fsyncSync", "flush"),
      ...now("renameSync", "rename"),
      ...now("readFileSync", "read"),
      ...now("mkdirSync", "folder"),
      ...now("rmSync", "remove"),
      openSync: (path: string, ...rest: ReadonlyArray<string>) => {
        step("open", path)
        const descriptor = (stock.now.openSync as Function)(path, ...rest) as number
        if (isOwn(path)) descriptors.add(descriptor)
        return descriptor
      },
      closeSync: (descriptor: number) => {
        descriptors.delete(descriptor)
        stock.now.closeSync(descriptor)
      },
    },
    {
      ...soon("rename", "rename"),
      ...soon("rm", "remove"),
      ...soon("readdir", "read"),
      open: async (path: string, ...rest: ReadonlyArray<string>) => {
        step("open", path)
        const handle = (await (stock.soon.open as Function)(path, ...rest)) as FileHandle
        return isOwn(path) ? guarded(handle, path) : handle
      },
    },
    body,
  )
  return { result, fired }
}
