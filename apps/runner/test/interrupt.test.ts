/** Ctrl-C while a wide network trains: answered within a second, and nothing is lost. */
import { expect, it } from "vitest"
import { inFolder, spawned } from "./relent.ts"

const { write } = inFolder()

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

it("is answered within a second and a step, and the command goes on from the checkpoint", async () => {
  write("wide.yaml", wide)
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
  expect(first.error.trim().split("\n").at(-1)).toBe("  relent run wide.yaml --json --store 'a b' --seed=-3")
  const second = await interrupted((out) => out.includes('"step":"teacher"'))
  expect(second.code).toBe(130)
  expect(second.out).toMatch(/"StepStarted","step":"teacher".*"resumedAt":[123]/)
}, 120_000)
