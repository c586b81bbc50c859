/** A machine for a test: a cache of its own, and a PATH with only what the test puts there. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { Effect } from "effect"
import { afterEach, beforeEach, vi } from "vitest"

/** What each program of a machine that can build says when it is asked whether it runs. */
export const working = { python3: "exit 0", npm: "exit 0", "c++": "exit 0" }

/** For the tests of a file: a folder, new for each test. */
export const ofTest = () => {
  let folder = ""
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "relent install "))
    vi.stubEnv("RELENT_CACHE", join(folder, "cache"))
    vi.stubEnv("CXX", "")
  })
  afterEach(() => {
    vi.unstubAllEnvs()
    rmSync(folder, { recursive: true, force: true })
  })
  return {
    path: (...names: ReadonlyArray<string>) => join(folder, ...names),
    write: (name: string, content: string | Uint8Array) => {
      const path = join(folder, name)
      mkdirSync(join(path, ".."), { recursive: true })
      writeFileSync(path, content)
      return path
    },
    /** Shell scripts by the names of the programs that they stand for; nothing else is on PATH, but for the folders after. */
    programs: (scripts: Readonly<Record<string, string>>, ...after: ReadonlyArray<string>) => {
      const bin = join(folder, "bin")
      mkdirSync(bin, { recursive: true })
      for (const [name, script] of Object.entries(scripts)) {
        writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`)
        chmodSync(join(bin, name), 0o755)
      }
      vi.stubEnv("PATH", [bin, ...after].join(delimiter))
    },
  }
}

/** The typed error that an effect fails with. */
export const failure = <A, E>(effect: Effect.Effect<A, E>): Promise<E> => Effect.runPromise(Effect.flip(effect))
