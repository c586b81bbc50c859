/** The parameters of a distillation. */
import { Count, NonNegative, orElse, Positive } from "@relent/named"
import { Schema } from "effect"
import { divergence } from "../parameters.ts"
import { inOrder, kept, levels, trainingParameters, widths } from "../training.ts"

const clip = Schema.makeFilter(
  ({ ratioLower, ratioUpper }: { readonly ratioLower: number; readonly ratioUpper: number }) =>
    ratioLower < 1 && ratioUpper > 1 ? undefined : { path: ["ratioLower"], issue: "wants ratioLower < 1 < ratioUpper" },
)
const something = Schema.makeFilter(
  ({ matchingWeight, ganWeight }: { readonly matchingWeight: number; readonly ganWeight: number }) =>
    matchingWeight + ganWeight > 0
      ? undefined
      : { path: ["matchingWeight"], issue: "is 0, and so is ganWeight: the generator would learn nothing" },
)

/** Of the stage `f-distill`. */
export const parameters = Schema.Struct({
  ...trainingParameters,
  divergence,
  steps: orElse(Count.annotate({ description: "updates of the generator" }), 1200),
  learningRate: orElse(Positive, 1e-3),
  studentUpdateFreq: orElse(
    Schema.Int.check(Schema.isGreaterThan(1)).annotate({
      description: "updates of the critics before one of the generator, plus 1",
    }),
    5,
  ),
  ...levels,
  sigmaStart: orElse(
    Positive.annotate({ description: "the level at which a copy of the teacher's network generates" }),
    2.5,
  ),
  ratioLower: orElse(Positive.annotate({ description: "the least density ratio p / q" }), 0.1),
  ratioUpper: orElse(Positive, 20),
  ratioNormalization: orElse(
    Schema.Boolean.annotate({ description: "divide ratios by the mean of their level of noise" }),
    true,
  ),
  binNum: orElse(Count.annotate({ description: "levels of noise for that, of equal width in sigma" }), 10),
  ratioEmaRate: orElse(kept.annotate({ description: "how much of a level's mean stays from step to step" }), 0),
  scaled: orElse(
    Schema.Boolean.annotate({
      description: "divide a sample's pull by its distance to the teacher's guess, as DMD does; Diff-Instruct doesn't",
    }),
    true,
  ),
  matchingWeight: orElse(
    NonNegative.annotate({ description: "of the divergence in the generator's loss; at 0 it is a GAN" }),
    1,
  ),
  ganWeight: orElse(NonNegative.annotate({ description: "of the discriminator in the generator's loss" }), 1e-3),
  hidden: widths([64, 64], "the student, where the teacher is a mixture"),
  fakeHidden: widths([64, 64, 64], "the denoiser of its samples, where the teacher is a mixture"),
  discriminatorHidden: widths([64, 64], "the discriminator"),
}).check(inOrder, clip, something)
