/**
 * What running processes hold: whoever collects garbage leaves it, however old it is. No clock is asked, nor the number of a process.
 *
 * A name is written down while nobody collects, and what it names is looked for afterwards. So a collection that hasn't seen the name has
 * ended before the look, and every later one sees it. Who still runs is told by a lock, which the kernel frees.
 */
import { randomUUID } from "node:crypto"
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Effect, type Scope } from "effect"
import { codeOf, StoreUnusable } from "./error.ts"
import { makeFolder, refuseLink, refuseLinks } from "./folder.ts"
import { locks, tryExclusive, tryShared, untilGiven, withExclusive } from "./lock.ts"

/** Names of what this process is about to look for or to write, keys and digests: they are held until it ends. */
export type Hold = (names: ReadonlyArray<string>) => Effect.Effect<void, StoreUnusable>

const folderOf = (root: string) => join(locks(root), "held")
const collecting = (root: string) => join(locks(root), "collect.lock")
/** The names that a process holds, and the lock that it has while it runs. */
const listOf = (root: string, process: string) => join(folderOf(root), `${process}.list`)
const aliveOf = (root: string, process: string) => join(folderOf(root), `${process}.lock`)

const unwritable = ["EROFS", "EACCES", "EPERM"]
const full = ["ENOSPC", "EDQUOT"]

/** Why nothing can be held in a store: who may not write it only reads, and on a full disk what is there is used all the same. */
const obstacle = (root: string): unknown => {
  const folder = folderOf(root)
  refuseLinks(root, folder)
  try {
    makeFolder(folder)
    accessSync(folder, constants.W_OK)
    return undefined
  } catch (error) {
    if ([...unwritable, ...full].includes(codeOf(error))) return error
    throw error
  }
}

/** Begins with the first name, ends with the scope. */
export const holding = (root: string): Effect.Effect<Hold, never, Scope.Scope> =>
  Effect.gen(function* () {
    const own = randomUUID()
    const held = new Set<string>()
    let collectors: DatabaseSync | undefined
    let alive: DatabaseSync | undefined
    let list: number | undefined
    const end = () => {
      try {
        for (const path of [listOf(root, own), aliveOf(root, own)]) rmSync(path, { force: true })
      } catch {
        // The next collection finds that nobody has the lock.
      }
      if (list !== undefined) closeSync(list)
      alive?.close()
      collectors?.close()
    }
    yield* Effect.addFinalizer(() => Effect.sync(end))
    return (names) =>
      untilGiven(collecting(root), () => {
        const fresh = names.filter((name) => !held.has(name))
        if (fresh.length === 0) return true
        if (collectors === undefined) {
          if (obstacle(root) !== undefined) return true
          refuseLink(collecting(root))
          collectors = new DatabaseSync(collecting(root), { timeout: 0 })
        }
        return tryShared(collectors, () => {
          alive ??= tryExclusive(aliveOf(root, own))
          try {
            // Each on a line of its own, whatever a full disk left of the last.
            list ??= openSync(listOf(root, own), "a")
            writeFileSync(list, fresh.map((name) => `\n${name}\n`).join(""))
            for (const name of fresh) held.add(name)
          } catch (error) {
            if (!full.includes(codeOf(error))) throw error
          }
          return true
        })
      })
  })

/** One that has just ended has none, nor has one whose list couldn't be written. */
const listed = (path: string): ReadonlyArray<string> => {
  try {
    return readFileSync(path, "utf8").split("\n")
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error
    return []
  }
}

const namesIn = (folder: string, ending: string): ReadonlyArray<string> =>
  existsSync(folder)
    ? readdirSync(folder).flatMap((name) => (name.endsWith(ending) ? [name.slice(0, -ending.length)] : []))
    : []

/** What is held, and by how many processes; what dead ones have left is removed. For those who collect. */
const heldNow = (root: string) => {
  const folder = folderOf(root)
  const names = new Set<string>()
  let processes = 0
  for (const process of new Set([...namesIn(folder, ".list"), ...namesIn(folder, ".lock")])) {
    const lock = tryExclusive(aliveOf(root, process))
    if (lock === undefined) {
      processes++
      for (const name of listed(listOf(root, process))) names.add(name)
    } else {
      for (const path of [listOf(root, process), aliveOf(root, process)]) rmSync(path, { force: true })
      lock.close()
    }
  }
  return { names, processes }
}
export interface Held {
  readonly names: ReadonlySet<string>
  /** How many processes hold something, or may begin to. */
  readonly processes: number
  /** Why nobody could be asked: then nothing may be removed. */
  readonly obstacle?: unknown
}
const nothing: Held = { names: new Set(), processes: 0 }

/** Runs `body` with what is held, while nobody begins to hold more. */
export const collect = <A, E, R>(
  root: string,
  body: (held: Held) => Effect.Effect<A, E, R>,
): Effect.Effect<A, E | StoreUnusable, R> =>
  Effect.gen(function* () {
    const attempt = <B>(of: () => B) =>
      Effect.try({ try: of, catch: (error) => StoreUnusable.of(folderOf(root), error) })
    if (!existsSync(root)) return yield* body(nothing)
    const found = yield* attempt(() => obstacle(root))
    // On a full disk nobody holds anything where there is no place for it yet, and room is what is wanted.
    if (found !== undefined)
      return yield* body(full.includes(codeOf(found)) ? nothing : { ...nothing, obstacle: found })
    return yield* withExclusive(
      collecting(root),
      Effect.flatMap(
        attempt(() => heldNow(root)),
        body,
      ),
    )
  })
