/**
 * What follows from nothing that a stage is given: clock, draws, environment, disk, network. Who touches it in a fibre of a stage, or in what
 * that began, is told with the stack; everybody else goes on as ever. To be loaded before what is watched: `node --import`.
 */
import { AsyncLocalStorage } from "node:async_hooks"
import childProcess from "node:child_process"
import crypto from "node:crypto"
import dgram from "node:dgram"
import dns from "node:dns"
import fs from "node:fs"
import http from "node:http"
import http2 from "node:http2"
import https from "node:https"
import { registerHooks, syncBuiltinESMExports } from "node:module"
import net from "node:net"
import os from "node:os"
import timers from "node:timers"
import timersPromises from "node:timers/promises"
import tls from "node:tls"
import workers from "node:worker_threads"

/** A stage while it runs, and the files that it declared. */
export interface Stay {
  readonly stage: string
  readonly files: ReadonlySet<string>
}
export interface Touch {
  readonly stage: string
  readonly what: string
  readonly stack: string
}

export const touches: Array<Touch> = []
const stay = new AsyncLocalStorage<Stay | undefined>()

/** Runs `body` as a stage, or as somebody else. */
export const as = <A>(who: Stay | undefined, body: () => A): A => stay.run(who, body)

Error.stackTraceLimit = 40
/**
 * Node's own loader, and what a device's backend does itself: TensorFlow gets recorded steps by a file. The numerics class stands for it.
 * Operations aren't meant, nor their library.
 */
const isExempt = (stack: string) => {
  const [first = "", ...others] = stack.split("\n").filter((line) => / at (?!.*test\/traps\.ts:)/.test(line))
  const caller = [first, ...others].find((line) => !line.includes("node:")) ?? ""
  return first.includes("node:internal/modules/") || /\/packages\/tensor\/src\/(tensorflow|webgpu|wasm)\//.test(caller)
}

const touch = (what: string, path?: unknown) => {
  const who = stay.getStore()
  if (who === undefined || (typeof path === "string" && who.files.has(path))) return
  const error = new Error(what) // allow tagged-errors: only its stack is read
  Error.captureStackTrace(error, touch)
  const stack = as(undefined, () => String(error.stack))
  if (what.startsWith("import ") || !isExempt(stack)) touches.push({ stage: who.stage, what, stack })
}

type Names = ReadonlyArray<string>
/** What a stage may do to a file that it declared. */
const reading = /^(open|read|createReadStream|stat|lstat|access|exists|realpath)/

/** Replaces functions of an object by some that tell of a call first, where `isTold` says so of what they are given. */
const watch = (
  on: object,
  called: string,
  names: Names,
  isTold: (given: ReadonlyArray<unknown>) => boolean = () => true,
) => {
  for (const name of names) {
    const stock: unknown = (on as Record<string, unknown>)[name]
    if (typeof stock !== "function" || Object.getOwnPropertyDescriptor(on, name)?.configurable === false) continue
    const watched = new Proxy(stock, {
      apply: (f, self, given) => {
        if (isTold(given)) touch(`${called}.${name}`, reading.test(name) && given[0])
        const call = (): unknown => Reflect.apply(f as () => unknown, self, given)
        return name.endsWith("Sync") ? as(undefined, call) : call() // they call each other
      },
      construct: (f, given, target) => {
        if (isTold(given)) touch(`new ${called}.${name}`)
        return Reflect.construct(f, given, target) as object
      },
    })
    Object.defineProperty(on, name, { value: watched, writable: true, configurable: true })
  }
}
const functionsOf = (on: object): Names =>
  Object.keys(on).filter((name) => /^[a-z]/.test(name) && typeof (on as Record<string, unknown>)[name] === "function")
/** An object, of which every property that is read is told. */
const told = <A extends object>(on: A, called: string): A =>
  new Proxy(on, {
    get: (target, name) => (touch(`${called}.${String(name)}`), Reflect.get(target, name) as unknown),
    has: (target, name) => (touch(`${called}.${String(name)}`), Reflect.has(target, name)),
    set: (target, name, value) => (touch(`${called}.${String(name)}`), Reflect.set(target, name, value)),
    ownKeys: (target) => (touch(called), Reflect.ownKeys(target)),
  })

const isBare = (given: ReadonlyArray<unknown>) => given.length === 0
/** The locale is that of whoever runs it. */
const lacks = (place: number) => (given: ReadonlyArray<unknown>) => given[place] === undefined
const isPath = ([first]: ReadonlyArray<unknown>) => typeof first !== "number"

// The clock, and where it stands
watch(Date, "Date", ["now"])
watch(globalThis, "globalThis", ["Date"], isBare)
const local = Object.getOwnPropertyNames(Date.prototype).filter((name) =>
  /^get(?!Time$|UTC)|^to(String|DateString|TimeString)$/.test(name),
)
watch(Date.prototype, "Date", local)
watch(performance, "performance", ["now", "mark", "measure", "toJSON"])
watch(process.hrtime, "process.hrtime", ["bigint"])
watch(process, "process", ["hrtime", "uptime", "cpuUsage", "memoryUsage", "resourceUsage"])
watch(globalThis, "globalThis", ["setTimeout", "setInterval"])
watch(timers, "timers", ["setTimeout", "setInterval"])
watch(timersPromises, "timersPromises", ["setTimeout", "setInterval"])
watch(Object.getPrototypeOf(timersPromises.scheduler) as object, "scheduler", ["wait"])

// Draws without a key
watch(Math, "Math", ["random"])
watch(
  crypto,
  "crypto",
  functionsOf(crypto).filter((name) => /random|generate/i.test(name)),
)
watch(Object.getPrototypeOf(globalThis.crypto) as object, "crypto", ["getRandomValues", "randomUUID"])

// The environment
process.env = told(process.env, "process.env")
process.argv = told(process.argv, "process.argv")
watch(process, "process", ["cwd", "chdir", "getuid", "getgid", "umask"])
Object.defineProperty(globalThis, "navigator", { value: told(navigator, "navigator") })
watch(os, "os", functionsOf(os))
watch(String.prototype, "String", ["localeCompare"], lacks(1))
watch(String.prototype, "String", ["toLocaleLowerCase", "toLocaleUpperCase"], lacks(0))
for (const { prototype } of [Number, BigInt, Date, Array]) watch(prototype, "prototype", ["toLocaleString"], lacks(0))
watch(Date.prototype, "Date", ["toLocaleDateString", "toLocaleTimeString"], lacks(0))
watch(
  Intl,
  "Intl",
  Object.getOwnPropertyNames(Intl).filter((name) => /^[A-Z]/.test(name)),
  lacks(0),
)

// Disk, terminal, network, other processes
watch(fs.realpath, "fs.realpath", ["native"])
watch(fs.realpathSync, "fs.realpathSync", ["native"])
watch(fs, "fs", functionsOf(fs), isPath)
watch(fs.promises, "fs.promises", functionsOf(fs.promises), isPath)
for (const stream of [process.stdout, process.stderr]) watch(stream, "process.stdout", ["write"])
watch(net.Socket.prototype, "net.Socket", ["connect"])
watch(net.Server.prototype, "net.Server", ["listen"])
watch(dgram, "dgram", ["createSocket"])
watch(dns, "dns", functionsOf(dns))
watch(dns.promises, "dns.promises", functionsOf(dns.promises))
for (const [name, library] of Object.entries({ http, https, http2, tls }))
  watch(library, name, ["request", "get", "connect"])
watch(globalThis, "globalThis", ["fetch", "WebSocket", "EventSource"])
watch(childProcess, "child_process", functionsOf(childProcess))
watch(workers, "worker_threads", ["Worker"])
syncBuiltinESMExports()

/** What Node resolved imports to, by the module that they stand in. */
export const imports = new Map<string, Set<string>>()
registerHooks({
  resolve: (specifier, context, next) => {
    const found = as(undefined, () => next(specifier, context))
    const from = context.parentURL ?? ""
    // The package of backends loads parts of itself when they are wanted.
    if (!from.includes("/packages/tensor/src/")) touch(`import ${specifier}`)
    imports.set(from, (imports.get(from) ?? new Set()).add(found.url))
    return found
  },
  load: (url, context, next) => as(undefined, () => next(url, context)),
})
