/** Learning rates over time: a factor in [0, 1] of the step, counted from 0, and the number of steps. */
import { Count, Family, type Member, type Named, orElse, Share } from "@relent/named"
import { Schema } from "effect"

export type Schedule = (step: number, steps: number) => number

/** Schedules by name: `cosine`, `{ warm-up: { steps: 100, next: cosine } }`. */
export const Schedule = Family.make<Schedule>("schedule")

/** 1 */
export const constant: Schedule = () => 1

/**
 * Half a cosine from 1 to 0: (1 + cos(pi t / T)) / 2.
 *
 * @reference loshchilov2017sgdr
 */
export const cosine: Schedule = (step, steps) => (1 + Math.cos((Math.PI * step) / steps)) / 2

/** 1, times `factor` after every `every` steps. */
export const stepDecay =
  ({ every, factor }: { readonly every: number; readonly factor: number }): Schedule =>
  (step) =>
    factor ** Math.floor(step / every)

/** 1, and `factor` once the share `after` of the steps is done. */
export const drop =
  ({ after, factor }: { readonly after: number; readonly factor: number }): Schedule =>
  (step, steps) =>
    step < after * steps ? 1 : factor

/** From 1 to `end` by equal factors: end^(t/T). */
export const exponential =
  ({ end }: { readonly end: number }): Schedule =>
  (step, steps) =>
    end ** (step / steps)

/**
 * Up in a line over the first steps, (t + 1) / n, then another schedule over what is left.
 *
 * @reference goyal2017accurate
 */
export const warmUp =
  (first: number, next: Schedule): Schedule =>
  (step, steps) =>
    step < first ? (step + 1) / first : next(step - first, steps - first)

const share = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1, exclusiveMinimum: true }))

/** The parameter of a stage that trains. */
export const scheduleParameter = Schedule.parameter("nn", () => schedules)

/** All schedules: one is tested by being here. */
export const schedules: ReadonlyArray<Named<Member<Schedule>>> = [
  Schedule.define(import.meta.url, "nn/constant", 1, {}, () => constant),
  Schedule.define(import.meta.url, "nn/cosine", 1, {}, () => cosine),
  Schedule.define(import.meta.url, "nn/step-decay", 1, { every: Count, factor: share }, stepDecay),
  Schedule.define(import.meta.url, "nn/drop", 1, { after: orElse(Share, 0.7), factor: orElse(share, 0.2) }, drop),
  Schedule.define(import.meta.url, "nn/exponential", 1, { end: share }, exponential),
  Schedule.define(
    import.meta.url,
    "nn/warm-up",
    1,
    { steps: Count, next: orElse(scheduleParameter, "constant") },
    ({ steps, next }) => warmUp(steps, next.value),
  ),
]
