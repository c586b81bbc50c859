/** `add` as a process of its own, which can be killed: a line of JSON for all that it says, and one for what came of it. */
import { Effect } from "effect"
import { add } from "../../src/tensorflow/install/index.ts"

const say = (line: object) => console.log(JSON.stringify(line))
const result = await Effect.runPromise(Effect.result(add({ report: say })))
if (result._tag === "Failure") say({ tag: result.failure._tag, message: result.failure.message })
else {
  const { wasThere, bytes, steps } = result.success
  say({ wasThere, bytes, steps })
}
