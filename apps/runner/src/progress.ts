/** Progress of a run: a line a step, kept up to date on a terminal, and plain lines elsewhere. */
import type { RunEvent } from "@relent/runtime"
import { Effect } from "effect"
import { cell, clean, duration, paint } from "./terminal.ts"

interface Running {
  readonly step: string
  readonly begin: number
  done: number
  total: number
  metrics: string
}

const bar = (done: number, total: number, width = 16): string => {
  const full = total > 0 ? Math.round((done / total) * width) : 0
  return "#".repeat(full) + "-".repeat(width - full)
}

const metricsText = (row: Readonly<Record<string, unknown>>) =>
  Object.entries(row)
    .filter(([name]) => name !== "step")
    .map(([name, value]) => `${clean(name)} ${cell(value)}`)
    .join("  ")

const runningLine = ({ step, begin, done, total, metrics }: Running, now: number): string => {
  const time = now - begin
  const left = done > 0 && total > done ? `, ${duration((time / done) * (total - done))} left` : ""
  const share = total > 0 ? `${bar(done, total)} ${String(Math.round((100 * done) / total)).padStart(3)}%  ` : ""
  return `${paint("cyan", "running", process.stderr)}  ${step}  ${share}${duration(time)}${left}  ${metrics}`.trimEnd()
}

/** What reports events to whoever watches. */
export interface Watcher {
  readonly report: (event: RunEvent) => Effect.Effect<void>
  readonly close: () => void
}

/** One event a line, as JSON. */
export const jsonLines = (): Watcher => ({
  report: (event) => Effect.sync(() => void process.stdout.write(`${JSON.stringify(event)}\n`)),
  close: () => {},
})

/** Lines for people, on standard error. */
export const lines = (): Watcher => {
  const stream = process.stderr
  const live = stream.isTTY && process.env["TERM"] !== "dumb"
  const running = new Map<string, Running>()
  let drawn = 0
  let last = 0
  const erase = () => {
    if (drawn > 0) stream.write(`\u001b[${drawn}A\u001b[J`)
    drawn = 0
  }
  const draw = () => {
    if (!live) return
    const width = stream.columns ?? 80
    const now = Date.now()
    const all = [...running.values()].map((r) => runningLine(r, now).slice(0, width + 20))
    stream.write(all.map((line) => `${line}\n`).join(""))
    drawn = all.length
    last = now
  }
  const say = (line: string) => {
    erase()
    stream.write(`${line}\n`)
    draw()
  }
  const tables = (outputs: Readonly<Record<string, { readonly rows: number }>>) =>
    Object.entries(outputs)
      .map(([port, { rows }]) => `${port} ${rows}`)
      .join(", ")
  const timer = live ? setInterval(() => (erase(), draw()), 500) : undefined
  timer?.unref()
  const handle = (event: RunEvent) => {
    switch (event._tag) {
      case "RunStarted":
        return say(paint("bold", `${event.pipeline}  seed ${event.seed}  ${event.steps.length} steps`, stream))
      case "StepStarted": {
        running.set(event.step, { step: event.step, begin: Date.now(), done: 0, total: 0, metrics: "" })
        if (event.resumedAt !== undefined) return say(`resumed  ${event.step}  at step ${event.resumedAt}`)
        return live ? (erase(), draw()) : say(`started  ${event.step}`)
      }
      case "StepProgress":
      case "StepMetric": {
        const one = running.get(event.step)
        if (one === undefined) return undefined
        if (event._tag === "StepProgress") [one.done, one.total] = [event.done, event.total]
        else one.metrics = metricsText(event.row)
        if (live && Date.now() - last > 100) {
          erase()
          draw()
        }
        return undefined
      }
      case "StepCached":
        return say(`${paint("dim", "cached ", stream)}  ${event.step}  ${paint("dim", tables(event.outputs), stream)}`)
      case "StepFinished":
        running.delete(event.step)
        return say(
          `${paint("green", "done   ", stream)}  ${event.step}  ${duration(event.milliseconds)}  ${paint("dim", tables(event.outputs), stream)}`,
        )
      case "StepWarning":
        return say(`${paint("yellow", "warning", stream)}  ${event.step}  ${event.message}`)
      case "StepFailure":
        running.delete(event.step)
        return say(`${paint("red", "failed ", stream)}  ${event.step}`)
      case "RunFinished":
        running.clear()
        return say(
          paint(
            "bold",
            `${event.status}: ${event.computed} computed, ${event.cached} cached, ${duration(event.milliseconds)}`,
            stream,
          ),
        )
    }
  }
  return {
    report: (event) => Effect.sync(() => handle(event)),
    close: () => {
      clearInterval(timer)
      erase()
    },
  }
}
