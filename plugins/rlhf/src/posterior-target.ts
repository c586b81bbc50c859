/** States what a policy should be, before anything approximates it. */
import { orElse } from "@relent/named"
import { Policy, Rewards, Target } from "@relent/sequence"
import { Stage } from "@relent/stage"
import { Schema } from "effect"
import { posteriorOf } from "./inference/posterior.ts"
import { hardConstraint } from "./parameters.ts"
import { distribution } from "./refuse.ts"
import { rewardsOf } from "./rewards.ts"

/**
 * The target pi* in proportion to pi0 exp(r / beta): what a KL penalty of weight beta steers towards.
 *
 * @reference korbak2022rl
 */
export const posteriorTarget = Stage.make("rlhf/posterior-target", {
  module: import.meta.url,
  title: "The posterior of a prior policy and a reward",
  parameters: {
    beta: orElse(
      Schema.Finite.check(Schema.isGreaterThan(0)).annotate({ description: "temperature of the reward" }),
      0.05,
    ),
    hardConstraint,
  },
  inputs: { prior: Policy, reward: Rewards },
  outputs: { target: Target },
  *run({ parameters: { beta, hardConstraint }, inputs: { prior, reward } }) {
    const rewards = yield* rewardsOf(reward, prior, hardConstraint)
    const hint = "allow an answer that the prior gives; if r / beta overflows, make beta larger"
    return { target: yield* distribution(() => posteriorOf(prior, rewards, beta), hint) }
  },
})
