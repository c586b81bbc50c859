/** Parameters that several stages share. */
import { Count, orElse, Positive } from "@relent/named"

/** Plain gradient descent. */
export const descent = {
  steps: orElse(Count, 3000),
  learningRate: orElse(Positive, 2),
  every: orElse(Count.annotate({ description: "steps between two metrics and checkpoints" }), 500),
}
