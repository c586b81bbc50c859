/** Interrupted as people do it, and gone on with as the command says. */
import { spawn } from "node:child_process"
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it, vi } from "vitest"
import { bin, inFolder, relent, spawned } from "./relent.ts"

const verify = process.env["RELENT_VERIFY"] === "1"
const folder = inFolder()
const timeout = 120_000

/** Commands are run in a terminal of their own where there is `script`, of util-linux. */
const hasTerminal = existsSync("/usr/bin/script") && process.platform === "linux"

/** A shell in which `relent` is this one. */
const shell = (program: string, words: ReadonlyArray<string>) => {
  const path = folder.path("bin")
  if (!existsSync(path)) {
    mkdirSync(path)
    writeFileSync(join(path, "relent"), `#!/bin/sh\nexec "${process.execPath}" "${bin}" "$@"\n`, { mode: 0o755 })
  }
  return spawn(program, words, { env: { ...process.env, NO_COLOR: "1", PATH: `${path}:${process.env["PATH"]}` } })
}

/** Runs a command line until it ends; `watch` sees all that it says grow. */
const typed = (
  command: string,
  where: "terminal" | "pipe",
  watch: (child: ReturnType<typeof shell>, said: string) => void,
) =>
  new Promise<{ readonly code: number | null; readonly said: string }>((resolve) => {
    const child =
      where === "terminal" ? shell("script", ["-qec", command, "/dev/null"]) : shell("bash", ["-c", `exec ${command}`])
    let said = ""
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk) => watch(child, (said += String(chunk))))
    child.on("close", (code) => resolve({ code, said }))
  })

/** Does something when it has been seen for the first time that `when` holds. */
const once = <A>(when: (said: string) => boolean, act: (of: A) => void) => {
  let isDone = false
  return (of: A, said: string) => {
    if (isDone || !when(said)) return
    isDone = true
    act(of)
  }
}

const training = `name: cut
seed: 1
stages:
  data: { stage: datasets/two-moons, with: { rows: 40 } }
  model:
    stage: distillation/train-classifier
    in: { data: data.data }
    with: { hidden: [4], batch: 8, steps: 1500, every: 50 }
`
const seesLoss = (said: string) => said.includes("loss")
const lastLine = (said: string) => said.trim().split("\n").at(-1)!.trim()

/** The newest manifest of a store: how its run ended, and its tables. */
const newest = (store: string) => {
  const runs = existsSync(join(store, "runs")) ? readdirSync(join(store, "runs")).toSorted() : []
  const text = runs.length === 0 ? "{}" : readFileSync(join(store, "runs", runs.at(-1)!), "utf8")
  const { status, steps = [] } = JSON.parse(text) as { status?: string; steps?: Array<{ outputs: object }> }
  return { runs: runs.length, status, outputs: steps.map(({ outputs }) => outputs) }
}

it.runIf(hasTerminal)(
  "Ctrl-C, a closed terminal, a stopped process: each time what it says goes on, and it ends in the same bytes",
  { timeout },
  async () => {
    folder.write("cut.yaml", training)
    await relent("run", "cut.yaml", "--seed=-3", "--store", "whole")

    const command = "relent run cut.yaml --store 'a b' --seed=-3"
    const first = await typed(
      command,
      "terminal",
      once(seesLoss, (child) => child.stdin.write("\u0003")),
    )
    expect(first.code).toBe(130)
    expect(first.said).toMatch(/Interrupted\. What was finished is kept.*; go on with:/)
    expect(newest("a b")).toMatchObject({ runs: 1, status: "interrupted" })
    const next = lastLine(first.said)
    expect(next).toBe(`${command} --backend ${process.env["RELENT_BACKEND"]}`)

    // The terminal goes with `script`; the command is told by a signal, ends well, and has nobody to tell.
    const second = await typed(
      next,
      "terminal",
      once(seesLoss, (child) => child.kill("SIGKILL")),
    )
    expect(second.said).toMatch(/resumed.*at step [1-9]/)
    await vi.waitFor(() => expect(newest("a b")).toMatchObject({ runs: 2, status: "interrupted" }), { timeout: 30_000 })

    // Without a terminal nobody has closed one, as under nohup.
    const third = await typed(
      next,
      "pipe",
      once(
        (said) => said.includes("resumed"),
        (child) => {
          child.kill("SIGSTOP")
          void vi
            .waitFor(() => expect(readFileSync(`/proc/${child.pid}/stat`, "utf8")).toMatch(/\) T /))
            .then(() => ["SIGHUP", "SIGCONT"].forEach((signal) => child.kill(signal as NodeJS.Signals)))
        },
      ),
    )
    expect([third.code, third.said]).toEqual([0, expect.stringMatching(/resumed {2}model {2}at step [1-9]/)])
    expect(newest("a b")).toMatchObject({ runs: 3, status: "finished", outputs: newest("whole").outputs })
  },
)

it.runIf(hasTerminal)("Ctrl-C twice ends at once what won't end, and says how to go on", { timeout }, async () => {
  const plugin = join(import.meta.dirname, "stubborn.ts")
  folder.write(
    "stubborn.yaml",
    `name: stubborn\nseed: 1\nplugins: [${JSON.stringify(plugin)}]\nstages:\n  one: {stage: stubborn/wait}\n`,
  )
  const command = `relent run stubborn.yaml --allow ${join(import.meta.dirname, "..")}`
  const ended = await typed(
    command,
    "terminal",
    once(
      (said) => said.includes("running"),
      (child) => {
        child.stdin.write("\u0003")
        // As long as a person takes, who tries again where it was too soon.
        const again = setInterval(() => child.stdin.write("\u0003"), 400)
        child.on("close", () => clearInterval(again))
      },
    ),
  )
  expect(ended.code).toBe(130)
  expect(ended.said).toContain("Interrupted at once. What was finished is kept")
  expect(lastLine(ended.said)).toContain(command)
})

it.runIf(hasTerminal && verify)("Ctrl-C ends a command well whose reader it has ended too", { timeout }, async () => {
  folder.write("cut.yaml", training)
  const command = String.raw`bash -c "(trap : INT; relent run cut.yaml --json --store tee; echo \$? > code) | tee log"`
  await typed(
    command,
    "terminal",
    once(
      (said) => said.includes("StepMetric"),
      (child) => child.stdin.write("\u0003"),
    ),
  )
  await vi.waitFor(() => expect(readFileSync("code", "utf8")).toBe("130\n"), { timeout: 30_000 })
  expect(newest("tee")).toMatchObject({ runs: 1, status: "interrupted" })
})

const wide = `name: wide
seed: 1
stages:
  data: { stage: datasets/gaussian-mixture, with: { rows: 1024, classes: 10, features: 784 } }
  teacher:
    stage: distillation/train-classifier
    in: { data: data.data }
    with: { hidden: [1200, 1200], batch: 1024, steps: 1000, every: 1 }
`
const metrics = (out: string) => out.split("StepMetric").length - 1

it.runIf(verify)(
  "Ctrl-C is answered within a second and a step, and the command goes on from the checkpoint",
  async () => {
    folder.write("wide.yaml", wide)
    const interrupted = async (when: (out: string) => boolean) => {
      const times: Array<number> = []
      let sent: number | undefined
      const ended = await spawned(["run", "wide.yaml", "--json", "--store", "a b", "--seed=-3"], (child, out) => {
        if (metrics(out) > times.length) times.push(performance.now())
        if (sent !== undefined || !when(out)) return
        sent = Infinity
        // Later than the line that was seen: within the next step, or while the checkpoint is written.
        setTimeout(() => {
          sent = performance.now()
          child.kill("SIGINT")
        }, 150)
      })
      return { ...ended, took: performance.now() - sent!, step: times[1]! - times[0]! }
    }
    const first = await interrupted((out) => metrics(out) === 2)
    expect(first.code).toBe(130)
    // A step is one synchronous call: where other tests keep both cores busy it takes long, so its time is measured.
    expect(first.took).toBeLessThan(1000 + first.step)
    expect(first.out.trim().split("\n").at(-1)).toContain('"status":"interrupted"')
    expect(first.error.trim().split("\n").at(-1)).toBe(
      `  relent run wide.yaml --json --store 'a b' --seed=-3 --backend ${process.env["RELENT_BACKEND"]}`,
    )
    const second = await interrupted((out) => out.includes('"step":"teacher"'))
    expect(second.code).toBe(130)
    expect(second.out).toMatch(/"StepStarted","step":"teacher".*"resumedAt":[123]/)
  },
  timeout,
)
