/** `relent backend list`: what `relent backend add` has installed. */
import { list, size } from "@relent/tensor/install"
import { Effect } from "effect"
import { perform } from "../application.ts"
import { type Arguments, exitCode } from "../command.ts"
import { tableText } from "../terminal.ts"

export const backendListCommand = (given: Arguments): Promise<number> =>
  perform(
    Effect.gen(function* () {
      const installed = yield* list
      if (given.options["json"] === true)
        console.log(
          JSON.stringify(installed.map(({ files, ...one }) => ({ ...one, files: Object.keys(files).length }))),
        )
      else if (installed.length === 0) console.log("Nothing is installed: relent backend add tensorflow does it.")
      else
        console.log(
          tableText(
            ["backend", "version", "cuda", "size", "folder"],
            installed.map((one) => [one.name, one.tensorflow, one.cuda ? "yes" : "no", size(one.bytes), one.folder]),
            Infinity,
          ),
        )
      return exitCode.done
    }),
    given,
  )
