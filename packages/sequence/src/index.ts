/** Policies over sequences, small enough to be exact. */
export { Policy, type TabularPolicy } from "./policy.ts"
export { Rewards } from "./rewards.ts"
export * as Tabular from "./tabular.ts"
export { makeTarget, policyOf, Target, type TabularTarget } from "./target.ts"
