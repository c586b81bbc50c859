/** `relent backend remove`: removes what `relent backend add` has installed. */
import { remove, size } from "@relent/tensor/install"
import { Effect } from "effect"
import { perform } from "../application.ts"
import { type Arguments, exitCode } from "../command.ts"
import { oneOf } from "../mistake.ts"
import { installable, lines } from "./backend-add.ts"

export const backendRemoveCommand = (given: Arguments): Promise<number> =>
  perform(
    Effect.gen(function* () {
      yield* oneOf("backend to install", given.positionals[0]!, installable)
      const { folder, bytes } = yield* remove(lines)
      console.log(`removed ${folder}: ${size(bytes)} are free again`)
      return exitCode.done
    }),
    given,
  )
