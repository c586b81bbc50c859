/** What a store can't do. */
import { Data } from "effect"

/** Stored bytes are not those that were written. */
export class StoreCorrupt extends Data.TaggedError("StoreCorrupt")<{
  readonly path: string
  readonly reason: string
}> {
  readonly hint = "relent store verify --repair removes it, and the next run computes it again"
  override get message() {
    return `${this.path}: ${this.reason}`
  }
}

const remedies: { readonly [code: string]: readonly [reason: string, hint: string] } = {
  ENOSPC: ["the disk is full", "free some room, or give another folder with --store"],
  EDQUOT: ["the quota is used up", "free some room, or give another folder with --store"],
  EACCES: ["permission denied", "give a folder you may write with --store"],
  EPERM: ["permission denied", "give a folder you may write with --store"],
  EROFS: ["the file system is read-only", "give a folder you may write with --store"],
  EMFILE: ["too many files are open", "run with a lower --concurrency"],
  EIO: ["the disk failed", "look at the disk; verified results are safe elsewhere"],
}

/** The system's name for what went wrong; nothing where it wasn't the system. */
export const codeOf = (error: unknown): string => (error as { code?: string } | undefined)?.code ?? ""

/** The store's folder can't be read or written. */
export class StoreUnusable extends Data.TaggedError("StoreUnusable")<{
  readonly path: string
  readonly reason: string
  readonly hint: string
}> {
  override get message() {
    return `${this.path}: ${this.reason}`
  }
  static of(path: string, error: unknown): StoreUnusable {
    if (error instanceof StoreUnusable) return error
    const { syscall } = error as { syscall?: string }
    const [reason, hint] = remedies[codeOf(error)] ?? [
      error instanceof Error ? error.message : String(error),
      syscall === "mkdir" ? "give a folder you may write with --store" : "look at the folder",
    ]
    return new StoreUnusable({ path, reason, hint })
  }
}

export type StoreError = StoreCorrupt | StoreUnusable
