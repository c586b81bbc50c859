/** A contender's process: asked and answering in lines of JSON. */
import { spawn } from "node:child_process"
import { createInterface } from "node:readline"
import type { ModelName } from "../models/index.ts"

/** What a contender says first. */
export interface Hello {
  /** Versions and threads; of relent, its numerics class. */
  readonly version: string
  readonly device: string
}

export interface Question {
  readonly model: ModelName
  readonly steps: number
}

/** Milliseconds of all the steps, and the loss of the last. */
export type Answer = { readonly ms: number; readonly loss: number } | { readonly error: string }

export interface Talk {
  readonly hello: Hello | { readonly error: string }
  readonly ask: (question: Question) => Promise<Answer>
  readonly end: () => void
}

export const talk = async ([command, ...args]: ReadonlyArray<string>, threads?: number): Promise<Talk> => {
  const env = { ...process.env, ...(threads === undefined ? {} : { RELENT_THREADS: String(threads) }) }
  const child = spawn(command!, args, { stdio: ["pipe", "pipe", "pipe"], env })
  let complaint = ""
  child.stderr.on("data", (text: Buffer) => (complaint = `${complaint}${text.toString()}`.slice(-2000)))
  const gone = new Promise<void>((resolve) => {
    child.on("error", (error) => {
      complaint = error.message
      resolve()
    })
    child.on("close", () => resolve())
  })
  child.stdin.on("error", () => undefined) // a process that has ended is seen by `gone`
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const next = async (): Promise<unknown> => {
    for (;;) {
      const line = await Promise.race([lines.next(), gone.then(() => undefined)])
      if (line === undefined || line.done === true)
        return { error: complaint.trim().split("\n").at(-1) || "it ended without a word" }
      if (line.value.startsWith("{")) return JSON.parse(line.value) // else a warning of its libraries
    }
  }
  return {
    hello: (await next()) as Talk["hello"],
    ask: async (question) => {
      child.stdin.write(`${JSON.stringify(question)}\n`)
      return (await next()) as Answer
    },
    end: () => void child.stdin.end(),
  }
}
