/** A stage that does everything a stage may not do, at once and later, so that it is known that each of the traps holds. */
import fs, { readFileSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { createHash, randomBytes } from "node:crypto"
import { lookup } from "node:dns"
import { get } from "node:http"
import { connect } from "node:net"
import { cpus } from "node:os"
import { scheduler, setTimeout as sleep } from "node:timers/promises"
import { Column, TableSchema } from "@relent/arrow"
import { Plugin, Stage } from "@relent/stage"
import { Clock, Effect, Fiber, Random } from "effect"

const quiet = (f: () => { on: (event: "error", listener: () => void) => unknown }) => void f().on("error", () => {})

/** By the words that tell of it. */
export const forbidden: Readonly<Record<string, () => unknown>> = {
  "Date.now": () => Date.now(),
  "new globalThis.Date": () => new Date(),
  "globalThis.Date": () => Date(),
  "Date.getHours": () => new Date(0).getHours(),
  "performance.now": () => performance.now(),
  "process.hrtime": () => process.hrtime(),
  "process.hrtime.bigint": () => process.hrtime.bigint(),
  "process.uptime": () => process.uptime(),
  "globalThis.setTimeout": () => clearTimeout(setTimeout(() => {}, 0)),
  "timersPromises.setTimeout": () => sleep(0),
  "scheduler.wait": () => scheduler.wait(0),
  "Math.random": () => Math.random(), // allow purity: planted
  "crypto.randomBytes": () => randomBytes(1),
  "crypto.getRandomValues": () => globalThis.crypto.getRandomValues(new Uint8Array(1)),
  "process.env.HOME": () => process.env["HOME"],
  "navigator.language": () => navigator.language,
  "process.argv.0": () => process.argv[0],
  "process.cwd": () => process.cwd(),
  "os.cpus": () => cpus(),
  "String.localeCompare": () => "a".localeCompare("b"),
  "prototype.toLocaleString": () => (1.5).toLocaleString(),
  "new Intl.NumberFormat": () => new Intl.NumberFormat(),
  "fs.readFileSync": () => readFileSync(import.meta.filename),
  "fs.openSync": () => fs.closeSync(fs.openSync(import.meta.filename, "r")),
  "fs.existsSync": () => fs.existsSync("/"),
  "fs.promises.readFile": () => readFile(import.meta.filename),
  "process.stdout.write": () => process.stderr.write(""),
  "globalThis.fetch": () => fetch("http://127.0.0.1:1").catch(() => {}),
  "http.get": () => quiet(() => get("http://127.0.0.1:1")),
  "net.Socket.connect": () => quiet(() => connect(1, "127.0.0.1")),
  "dns.lookup": () => lookup("127.0.0.1", () => {}),
  "import node:zlib": () => import("node:zlib"),
}
/** What a stage may do. */
export const allowed: Readonly<Record<string, () => unknown>> = {
  "a date that is given": () => new Date(0).toISOString(),
  "a locale that is given": () => "a".localeCompare("b", "en") + (1.5).toLocaleString("en"),
  "a digest": () => createHash("sha256").update("a").digest("hex"),
  "a breath": () => new Promise((resolve) => setImmediate(resolve)),
}

const Done = TableSchema.make("planted/done", 1, { id: Column.int32 })

const doing = (id: `planted/${string}`, all: typeof forbidden) =>
  Stage.make(id, {
    module: import.meta.url,
    title: "What a stage may or may not do",
    outputs: { done: Done },
    *run() {
      for (const act of Object.values(all)) {
        yield* Effect.promise(async () => act())
        yield* Effect.promise(async () => {
          await new Promise((resolve) => setImmediate(resolve))
          await act()
        })
        yield* Effect.forkChild(Effect.promise(async () => act())).pipe(Effect.flatMap(Fiber.join))
      }
      return { done: Done.make({ id: [0] }) }
    },
  })

export const byEffect = Stage.make("planted/by-effect", {
  module: import.meta.url,
  title: "Clock, sleep and draws of Effect",
  outputs: { done: Done },
  *run() {
    yield* Clock.currentTimeMillis
    yield* Effect.sleep(1)
    yield* Random.next
    return { done: Done.make({ id: [0] }) }
  },
})

export const planted = Plugin.make("planted", {
  title: "What a stage may or may not do",
  module: import.meta.url,
  stages: {
    forbidden: () => Promise.resolve(doing("planted/forbidden", forbidden)),
    allowed: () => Promise.resolve(doing("planted/allowed", allowed)),
    "by-effect": () => Promise.resolve(byEffect),
  },
})
