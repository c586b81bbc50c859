/** Progress of a run: a line a step, kept up to date on a terminal, and plain lines elsewhere. */
import type { RunEvent } from "@relent/runtime"
import { Effect } from "effect"
import { cell, clean, clip, duration, jsonText, paint, rowCount } from "./terminal.ts"

interface Running {
  readonly step: string
  readonly begin: number
  /** The step that a checkpoint let it go on with. */
  readonly from: number
  done: number
  total: number
  metrics: string
  /** When plain lines last spoke of it. */
  said: number
}

/** What reports events to whoever watches. */
export interface Watcher {
  readonly report: (event: RunEvent) => Effect.Effect<void>
  readonly close: () => void
}

/** One event a line, as JSON. */
export const jsonLines = (): Watcher => ({
  report: (event) => Effect.sync(() => void process.stdout.write(`${jsonText(event)}\n`)),
  close: () => {},
})

const bar = (share: number, width: number): string => {
  const full = Math.round(share * width)
  return "█".repeat(full) + "░".repeat(width - full)
}

const metricsText = (row: Readonly<Record<string, unknown>>) =>
  Object.entries(row)
    .filter(([name]) => name !== "step")
    .map(([name, value]) => `${clean(name)} ${cell(value)}`)
    .join("  ")

const rate = (perSecond: number) => `${perSecond < 10 ? perSecond.toFixed(1) : Math.round(perSecond)}/s`

/** How far it is: share, rate, time left and metrics, in as many words as there is room for. */
const state = ({ begin, from, done, total, metrics }: Running, now: number, room: number): string => {
  const time = now - begin
  const join = (...parts: ReadonlyArray<string>) => parts.filter((part) => part !== "").join("  ")
  if (total === 0) return join(duration(time).padStart(7), metrics)
  const share = `${String(Math.round((100 * done) / total)).padStart(3)}%`
  const perSecond = done > from ? (1000 * (done - from)) / time : 0
  const left = perSecond > 0 ? `${duration((1000 * (total - done)) / perSecond)} left` : ""
  const speed = perSecond > 0 ? rate(perSecond).padStart(5) : ""
  const most = join(`${bar(done / total, 12)} ${share}`, speed, left, metrics)
  const less = join(`${bar(done / total, 8)} ${share}`, left, metrics)
  return [most, less].find((text) => text.length <= room) ?? join(share, left, metrics)
}

const rowsText = (outputs: Readonly<Record<string, { readonly rows: number }>>) =>
  Object.entries(outputs)
    .map(([port, { rows }], i) => `${port} ${i === 0 ? rowCount(rows) : rows}`)
    .join(", ")

/** Every so often a long step says how far it is, where lines can't be redrawn. */
const patience = 15_000

type Style = Parameters<typeof paint>[0]

/** Lines for people, on standard error. */
export const lines = (stream: NodeJS.WriteStream = process.stderr): Watcher => {
  const live = stream.isTTY && process.env["TERM"] !== "dumb"
  const running = new Map<string, Running>()
  let [ended, steps, begin, longest] = [0, 0, performance.now(), 0]
  let drawn = 0
  let last = 0

  const width = () => (live ? (stream.columns || 80) - 1 : Infinity)
  // Sweeps repeat the quotes of JSON; on a terminal nobody misses them.
  const shown = (step: string) => (live ? clean(step).replaceAll('"', "") : clean(step))
  /** Room for the names of steps: all of the longest, if that leaves enough for the rest. */
  const nameRoom = () => (live ? Math.min(longest, width() < 100 ? 26 : 50) : 0)
  const textRoom = () => width() - 11 - nameRoom()

  /** A line in columns: what happens, to which step, and how. */
  const line = (style: Style, word: string, step: string, text: string): string => {
    const name = live ? clip(shown(step), nameRoom()).padEnd(nameRoom()) : shown(step)
    const rest = text.length > textRoom() ? `${text.slice(0, Math.max(0, textRoom() - 1))}…` : text
    return `${paint(style, word.padEnd(7), stream)}  ${name}  ${paint("dim", rest, stream)}`.trimEnd()
  }
  const runningLine = (one: Running, now: number) => line("cyan", "running", one.step, state(one, now, textRoom()))
  const foot = (now: number) => paint("dim", `${ended} of ${steps} steps, ${duration(now - begin)}`, stream)
  const redraw = (above = "") => {
    const now = performance.now()
    const below = live && steps > 0 ? [...[...running.values()].map((one) => runningLine(one, now)), foot(now)] : []
    const up = drawn > 0 ? `\u001b[${drawn}A\u001b[J` : ""
    stream.write(`${up}${above}${below.map((text) => `${text}\n`).join("")}`)
    drawn = below.length
    last = now
  }
  const say = (text: string) => redraw(`${text}\n`)
  const timer = live ? setInterval(redraw, 250) : undefined
  timer?.unref()

  const progressed = (one: Running, event: RunEvent) => {
    if (event._tag === "StepProgress") [one.done, one.total] = [event.done, event.total]
    if (event._tag === "StepMetric") one.metrics = metricsText(event.row)
    const now = performance.now()
    if (live && now - last > 100) redraw()
    if (live || now - one.said < patience) return
    one.said = now
    say(line("cyan", "running", one.step, state(one, now, 0).trim()))
  }
  const handle = (event: RunEvent): void => {
    switch (event._tag) {
      case "RunStarted":
        ;[steps, begin] = [event.steps.length, performance.now()]
        longest = Math.max(8, ...event.steps.map((s) => shown(s.id).length))
        return say(paint("bold", `${clean(event.pipeline)}  seed ${event.seed}  ${event.steps.length} steps`, stream))
      case "StepWaiting": {
        const { step, process } = event
        return say(line("yellow", "waiting", step, `for process ${process}; kill -CONT ${process} if it was stopped`))
      }
      case "StepStarted": {
        const { step, resumedAt: from = 0 } = event
        const now = performance.now()
        running.set(step, { step, begin: now, from, done: 0, total: 0, metrics: "", said: now })
        if (event.resumedAt !== undefined) return say(line("cyan", "resumed", step, `at step ${from}`))
        return live ? redraw() : say(line("cyan", "started", step, ""))
      }
      case "StepProgress":
      case "StepMetric": {
        const one = running.get(event.step)
        return one && progressed(one, event)
      }
      case "StepCached":
        ended++
        return say(line("blue", "cached", event.step, `${live ? " ".repeat(9) : ""}${rowsText(event.outputs)}`))
      case "StepFinished": {
        const metrics = running.get(event.step)?.metrics ?? ""
        running.delete(event.step)
        ended++
        const time = duration(event.milliseconds)
        const parts = [live ? time.padStart(7) : time, metrics, rowsText(event.outputs)]
        return say(line("green", "done", event.step, parts.filter((part) => part !== "").join("  ")))
      }
      case "StepWarning":
        return say(`${paint("yellow", "warning", stream)}  ${clean(event.step)}  ${clean(event.message)}`)
      case "StepFailure":
        running.delete(event.step)
        return say(line("red", "failed", event.step, ""))
      case "RunFinished": {
        const text = `${event.status}: ${event.computed} computed, ${event.cached} cached, ${duration(event.milliseconds)}`
        running.clear()
        steps = 0
        return say(paint("bold", text, stream))
      }
    }
  }
  return {
    report: (event) => Effect.sync(() => handle(event)),
    close: () => {
      clearInterval(timer)
      steps = 0
      if (drawn > 0) redraw()
    },
  }
}
