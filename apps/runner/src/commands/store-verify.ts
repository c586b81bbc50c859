/** `relent store verify`: checks every byte of the store. */
import { verifyStore } from "@relent/runtime"
import { Effect } from "effect"
import { perform, storeFolder } from "../application.ts"
import { type Arguments, exitCode } from "../command.ts"
import { clean } from "../terminal.ts"

export const storeVerifyCommand = (given: Arguments): Promise<number> =>
  perform(
    Effect.gen(function* () {
      const repair = given.options["repair"] === true
      const { tables, results, runs, damaged } = yield* verifyStore(storeFolder(given), repair)
      for (const { path, reason } of damaged) console.log(clean(`${path}: ${reason}`))
      console.log(
        `${tables} tables, ${results} results and ${runs} runs, ${damaged.length} damaged${repair && damaged.length > 0 ? " and removed" : ""}`,
      )
      if (damaged.length === 0 || repair) return exitCode.done
      console.error("relent store verify --repair removes what is damaged; the next run computes it again")
      return exitCode.user
    }),
    given,
  )
