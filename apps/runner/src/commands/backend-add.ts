/** `relent backend add`: installs a backend that doesn't come with relent. */
import { add, type Report, size } from "@relent/tensor/install"
import { Effect } from "effect"
import { perform } from "../application.ts"
import { type Arguments, exitCode } from "../command.ts"
import { oneOf } from "../mistake.ts"
import { duration, paint, tableText } from "../terminal.ts"

/** Backends that can be installed; the others come with relent. */
export const installable = ["tensorflow"] as const

/** What is going on, a line each, on standard error. */
export const lines: Report = ({ doing, what, bytes }) => {
  const text = [what, ...(bytes === undefined ? [] : [size(bytes)])].join("  ")
  process.stderr.write(`${paint("cyan", doing, process.stderr)}  ${text}\n`)
}

export const backendAddCommand = (given: Arguments): Promise<number> => {
  const [name = ""] = given.positionals
  const cuda = given.options["cuda"] === true
  const command = `relent backend add ${name}${cuda ? " --cuda" : ""}`
  return perform(
    Effect.gen(function* () {
      yield* oneOf("backend to install", name, installable)
      const begin = performance.now()
      const { installation, folder, bytes, wasThere, steps } = yield* add({ cuda, report: lines })
      const took = duration(performance.now() - begin)
      const what = `TensorFlow ${installation.tensorflow}${installation.cuda ? " with CUDA" : ""}`
      if (wasThere)
        console.log(`${what} is there, and every byte of it is right: ${size(bytes)} in ${folder} (${took})`)
      else {
        const rows = steps.map((step) => [
          step.what,
          step.bytes === undefined ? "" : size(step.bytes),
          duration(step.milliseconds),
        ])
        console.log(tableText(["step", "size", "time"], [...rows, [what, size(bytes), took]]))
        console.log(`installed in ${folder}`)
      }
      return exitCode.done
    }),
    given,
    command,
  )
}
