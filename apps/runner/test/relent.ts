/** Calls of the command: in this process, which is quick, or in one of its own, as a person does. */
import { spawn } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterAll, beforeAll, vi } from "vitest"
import { main } from "../src/main.ts"

export const bin = join(import.meta.dirname, "../bin/relent.js")
const series = join(import.meta.dirname, "series.main.ts")

export interface Ended {
  readonly code: number | string | null | undefined
  readonly out: string
  readonly error: string
}

/** An empty folder for the tests of a file, with a space in its name: they run in it. */
export const inFolder = () => {
  let folder = ""
  const before = process.cwd()
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "relent cli "))
    process.chdir(folder)
  })
  afterAll(() => {
    process.chdir(before)
    rmSync(folder, { recursive: true, force: true })
  })
  return {
    path: (name = ".") => join(folder, name),
    write: (name: string, text: string) => {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), text)
    },
  }
}

/** Runs the command in this process. */
export const relent = async (...words: ReadonlyArray<string>): Promise<Ended> => {
  let [out, error] = ["", ""]
  const line = (text: ReadonlyArray<unknown>) => `${text.map(String).join(" ")}\n`
  const spies = [
    vi.spyOn(console, "log").mockImplementation((...text) => void (out += line(text))),
    vi.spyOn(console, "error").mockImplementation((...text) => void (error += line(text))),
    vi.spyOn(process.stdout, "write").mockImplementation((text) => ((out += String(text)), true)),
    vi.spyOn(process.stderr, "write").mockImplementation((text) => ((error += String(text)), true)),
  ]
  try {
    await main(words)
    return { code: process.exitCode, out, error }
  } finally {
    process.exitCode = undefined
    for (const spy of spies) spy.mockRestore()
  }
}

type Watch = (child: ReturnType<typeof spawn>, out: string, error: string) => void
/** Runs the command in a process of its own; `watch` sees its output grow. */
export const spawned = (
  words: ReadonlyArray<string>,
  watch: Watch = () => {},
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [bin, ...words], { env: { ...process.env, NO_COLOR: "1", ...env } })
    let [out, error] = ["", ""]
    child.stdout.on("data", (chunk) => watch(child, (out += String(chunk)), error))
    child.stderr.on("data", (chunk) => watch(child, out, (error += String(chunk))))
    child.on("close", (code) => resolve({ code, out, error }))
  })

/** Runs commands one after the other in one process of Node's own, without Vite between it and the files it imports. */
export const inSeries = async (...commands: ReadonlyArray<ReadonlyArray<string>>): Promise<ReadonlyArray<Ended>> => {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", series, JSON.stringify(commands)], {
    env: { ...process.env, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "inherit"],
  })
  let out = ""
  child.stdout.on("data", (chunk) => (out += String(chunk)))
  await new Promise((resolve) => child.on("close", resolve))
  return JSON.parse(out) as ReadonlyArray<Ended>
}
