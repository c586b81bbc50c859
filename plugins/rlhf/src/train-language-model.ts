/** A policy over letters that a text teaches: a causal transformer. */
import { Column, tensorValue } from "@relent/arrow"
import { Count, orElse, Positive } from "@relent/named"
import { fit, initTransformer, optimizerParameter, scheduleParameter, separable, TrainingState } from "@relent/nn"
import { letters, Policy } from "@relent/sequence"
import { nextTokenLogs } from "@relent/sequence/policies"
import { Port, Stage, StageError } from "@relent/stage"
import { tf } from "@relent/tensor"
import { Effect } from "effect"
import { tokensOf } from "./markov-prior.ts"

/** Where a space is followed by `length` more characters. */
const beginnings = (ids: Int32Array, length: number): Int32Array =>
  Int32Array.from(ids.keys()).filter((i) => ids[i] === 0 && i + length < ids.length)

/**
 * Next-letter cross-entropy on strings of a text that begin after a space, as the policy's do.
 *
 * @reference radford2019language
 */
export const trainLanguageModel = Stage.make("rlhf/train-language-model", {
  module: import.meta.url,
  title: "An autoregressive policy over letters, from a text",
  uses: ["backend", "random"],
  parameters: {
    length: orElse(Count.annotate({ description: "letters of a string" }), 32),
    blocks: orElse(Count, 5),
    width: orElse(Count, 128),
    heads: orElse(Count.annotate({ description: "they divide the width" }), 4),
    steps: orElse(Count, 1000),
    batch: orElse(Count, 64),
    learningRate: orElse(Positive, 1e-3),
    schedule: orElse(scheduleParameter, "cosine"),
    optimizer: orElse(optimizerParameter, "adam"),
    every: orElse(Count.annotate({ description: "steps between two metrics and checkpoints" }), 50),
  },
  inputs: { text: Port.any({ text: Column.utf8 }) },
  outputs: { policy: Policy },
  /** Nats a letter. */
  metrics: { loss: Column.float32 },
  state: TrainingState,
  *run({ parameters, inputs: { text }, random, emit, progress, checkpoint }) {
    const { length, blocks, width, heads, steps } = parameters
    const ids = yield* tokensOf([...text.rows].map((row) => row.text))
    const starts = beginnings(ids, length)
    if (width % heads !== 0)
      return yield* new StageError({
        message: `a width of ${width} can't be ${heads} heads`,
        hint: "heads divide the width",
      })
    if (starts.length === 0)
      return yield* new StageError({
        message: `no string of ${length} letters follows a space in this text`,
        hint: "give a longer text, or make 'length' smaller",
      })
    const shape = {
      vocabulary: letters.vocabulary,
      context: length,
      blocks,
      width,
      heads,
      activation: "gelu",
      bias: true,
      tied: true,
    } as const
    const windows = (rows: Int32Array, shift: number) => {
      const out = new Int32Array(rows.length * length)
      rows.forEach((row, i) => out.set(ids.subarray(starts[row]! + shift, starts[row]! + shift + length), i * length))
      return tensorValue("int32", out, [1, rows.length, length])
    }
    const trained = yield* fit({
      ...parameters,
      members: 1,
      examples: starts.length,
      start: initTransformer({ ...shape, members: 1 }, random),
      objective: separable({
        inputs: ({ rows }) => ({ ids: windows(rows, 0), next: windows(rows, 1) }),
        of: (tree, { ids, next }) => tf.reshape(tf.neg(tf.mean(nextTokenLogs(shape, tree, ids!, next!), 1)), [1, -1]),
      }),
      optimizer: parameters.optimizer.value,
      schedule: parameters.schedule.value,
      random,
      report: ({ step, loss }) => Effect.andThen(progress(step, steps), emit({ step, loss })),
      checkpoint,
    })
    const policy = {
      kind: "autoregressive",
      contexts: 1,
      shape,
      length,
      start: 0,
      end: undefined,
      weights: trained.parameters,
    } as const
    return { policy }
  },
})
