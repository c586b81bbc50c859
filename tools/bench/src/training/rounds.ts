/** The contenders' turns: they first show that they compute the same, then take turns in every round. */
import type { ModelName } from "../models/index.ts"
import { type Contender, nameOf } from "./contenders.ts"
import type { Time } from "./results.ts"
import type { Answer, Talk } from "./process.ts"

export interface Entrant {
  readonly contender: Contender
  readonly talk: Talk
}

export interface Played {
  readonly times: ReadonlyArray<Time>
  /** What a contender couldn't do, or did otherwise than the others: a line each. */
  readonly problems: ReadonlyArray<string>
}

/** Steps after which losses are compared: the first, and one that has seen several updates. */
const checks = [1, 4]
/** Float32 sums in another order, several steps later. */
const tolerance = 2e-3
/** Milliseconds that a turn should take, and steps it has at least and at most. */
const turn = { ms: 700, least: 2, most: 500 }

const failed = (answer: Answer): answer is { readonly error: string } => "error" in answer

/** Losses after a few steps, and the steps of a turn; a line for what went wrong. */
const prepare = async ({ contender, talk }: Entrant, model: ModelName) => {
  const losses: Array<number> = []
  let last = 0
  for (const steps of [...checks, 5]) {
    const answer = await talk.ask({ model, steps })
    if (failed(answer)) return `${nameOf(contender)} can't run ${model}: ${answer.error}`
    losses.push(answer.loss)
    last = answer.ms / steps
  }
  return { losses, steps: Math.min(turn.most, Math.max(turn.least, Math.round(turn.ms / last))) }
}

export const play = async (
  entrants: ReadonlyArray<Entrant>,
  models: ReadonlyArray<ModelName>,
  rounds: number,
  tell: (line: string) => void,
): Promise<Played> => {
  const [times, problems]: [Array<Time>, Array<string>] = [[], []]
  const turns: Array<{ readonly entrant: Entrant; readonly model: ModelName; readonly steps: number }> = []
  for (const model of models) {
    let first: ReadonlyArray<number> | undefined
    for (const entrant of entrants.filter(({ contender }) => contender.models.includes(model))) {
      const prepared = await prepare(entrant, model)
      if (typeof prepared === "string") {
        problems.push(prepared)
        continue
      }
      first ??= prepared.losses
      const off = prepared.losses.some((loss, i) => !(Math.abs(loss / first![i]! - 1) < tolerance))
      if (off)
        problems.push(
          `${nameOf(entrant.contender)} computes another ${model}: losses ${prepared.losses.join(", ")} against ${first.join(", ")}`,
        )
      else turns.push({ entrant, model, steps: prepared.steps })
    }
    tell(`${model}: ${turns.filter((turn) => turn.model === model).length} contenders compute the same`)
  }
  for (let round = 0; round < rounds; round++) {
    for (const { entrant, model, steps } of round % 2 === 0 ? turns : turns.toReversed()) {
      const { contender, talk } = entrant
      const answer = await talk.ask({ model, steps })
      if (failed(answer)) problems.push(`${nameOf(contender)} failed at ${model} in round ${round}: ${answer.error}`)
      else times.push({ ...contender, contender: contender.library, model, round, ms: answer.ms / steps })
    }
    tell(`round ${round + 1} of ${rounds}`)
  }
  return { times, problems }
}
