/** How a command is ended from outside: by Ctrl-C, by a terminal that closes, by the end of whoever started it. */
import { isatty } from "node:tty"

/** Signals so close to the first, in milliseconds, are the first: npm and shells pass on what the terminal has sent already. */
const together = 250

/** Asked at once: what was closed is no terminal any more. */
const onTerminal = [0, 1, 2].some((stream) => isatty(stream))

let stopping = false
/** Whether the command is ending or has ended because it was to: what it still says may reach nobody. */
export const isStopping = (): boolean => stopping

/** Runs `stop` when the command is to end, and `atOnce` where somebody asks again. Gives what takes it back. */
export const onStop = (stop: () => void, atOnce: () => void): (() => void) => {
  stopping = false
  let since = Infinity
  const begin = () => {
    if (stopping) return
    stopping = true
    since = performance.now()
    stop()
  }
  const asked = () => (performance.now() - since > together ? atOnce() : begin())
  // Closing a terminal sends it several times. Without any terminal nobody closed one: nohup, whose way to say so Node undoes.
  const hungUp = () => {
    if (onTerminal) begin()
  }
  const heard = [
    ["SIGINT", asked],
    ["SIGTERM", asked],
    ["SIGHUP", hungUp],
    ["disconnect", begin],
  ] as const
  for (const [event, listener] of heard) process.on(event, listener)
  // It may have ended while this process was loading.
  // oxlint-disable-next-line typescript/no-unnecessary-boolean-literal-compare -- undefined where there never was a channel
  if (process.connected === false) setImmediate(begin)
  return () => {
    for (const [event, listener] of heard) process.removeListener(event, listener)
  }
}
