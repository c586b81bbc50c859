/** Softmax in logs, and the losses on it. */
import { expandDims, mul, scalar, sub, sum, type Tensor } from "@tensorflow/tfjs-core"
import { attribute } from "../binding.ts"
import { type Call, fast, reshaped, rows, T } from "./fast.ts"

const impossible = -1e30
type Op = Pick<Call<never, {}>, "op">

const finite = ({ op }: Op, logits: Tensor) => op("Maximum", [T], logits, scalar(impossible))

/** Loss and gradient by rows, in the shapes of labels and logits. */
const both = (
  call: Op & Pick<Call<never, {}>, "ops">,
  name: string,
  types: ReadonlyArray<typeof T>,
  logits: Tensor,
  labels: Tensor,
) => {
  const [loss, slope] = call.ops(2, name, types, rows(call, finite(call, logits)), labels)
  return [reshaped(call, loss!, logits.shape.slice(0, -1)), reshaped(call, slope!, logits.shape)]
}

const timesRow = ({ op }: Op, x: Tensor, dy: Tensor) => op("Mul", [T], x, expandDims(dy, -1))

export const softmaxKernels = [
  fast<"logits">("RelentLogSoftmax", "one operation instead of six", ({ inputs: { logits }, op }) =>
    op("LogSoftmax", [T], logits),
  ),
]

/** On CUDA these add in no fixed order, so TensorFlow refuses them there: `open.ts` asks for the same bits every time. */
export const crossEntropyKernels = [
  fast<"logits" | "target">("RelentSoftmaxCrossEntropy", "loss and gradient in one operation", (call) =>
    both(call, "SoftmaxCrossEntropyWithLogits", [T], call.inputs.logits, rows(call, call.inputs.target)),
  ),
  fast<"dy" | "target" | "kept">("RelentSoftmaxCrossEntropyGrad", "of what the loss has computed", (call) => {
    // q sum(p) - p, from q - p
    const { dy, target, kept } = call.inputs
    const total = sum(target, -1, true)
    const byLogits = call.op("AddV2", [T], mul(kept, total), mul(target, sub(total, 1)))
    return timesRow(call, byLogits, dy)
  }),
  fast<"logits" | "labels">("RelentSparseSoftmaxCrossEntropy", "loss and gradient in one operation", (call) => {
    const { logits, labels } = call.inputs
    const types = [T, attribute.type("Tlabels", "int32")]
    return both(call, "SparseSoftmaxCrossEntropyWithLogits", types, logits, reshaped(call, labels, [labels.size]))
  }),
  fast<"dy" | "kept">("RelentSparseSoftmaxCrossEntropyGrad", "of what the loss has computed", (call) =>
    timesRow(call, call.inputs.kept, call.inputs.dy),
  ),
]
