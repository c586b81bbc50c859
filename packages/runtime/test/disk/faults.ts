/** A disk whose nth call of a kind fails, below a folder. */
import { type Call, watched } from "./watched.ts"

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
  const before = (call: Call, path: string) => {
    if (call !== kind) return
    seen++
    if (lasts ? seen < nth : seen !== nth) return
    fired++
    throw Object.assign(new Error(`${code}: a fault that was asked for, ${call} '${path}'`), { code, syscall: call })
  }
  const result = await watched(root, { before }, body)
  return { result, fired }
}
