/** Adam by TensorFlow's one operation, which changes variables in place: the session's own when it is recorded. */
import { type KernelFunc, registerKernel, type TensorInfo } from "@tensorflow/tfjs-core"
import { AdamKernel } from "../../op/adam.ts"
import { attribute, type TensorFlowBackend, typeNumber } from "../binding.ts"
import { recorder } from "../recorder.ts"

const float = attribute.type("T")
const dtype = attribute.type("dtype")
const attributes = [float, attribute.bool("use_locking", false), attribute.bool("use_nesterov", false)]
const constant = (value: number) => new Uint8Array(Float32Array.of(value).buffer)

interface Given {
  readonly weight: TensorInfo
  readonly mean: TensorInfo
  readonly square: TensorInfo
  readonly gradient: TensorInfo
  readonly rate: TensorInfo
  readonly epsilon: TensorInfo
  readonly decay?: TensorInfo
}

/** On variables that live for this operation. */
const alone = (backend: TensorFlowBackend, given: Given, beta1: number, beta2: number): ReadonlyArray<TensorInfo> => {
  const { binding } = backend
  const scalar = (value: number) => binding.createTensor([], typeNumber.float32, Float32Array.of(value))
  const decayed =
    given.decay === undefined ? given.weight : backend.executeSingleOutput("Mul", [float], [given.weight, given.decay])
  const [rate, epsilon, gradient, ...state] = backend.getInputTensorIds([
    given.rate,
    given.epsilon,
    given.gradient,
    decayed,
    given.mean,
    given.square,
  ])
  const handles = state.map((id) => {
    const shape = attribute.shape("shape", given.weight.shape)
    const anonymous = [dtype, shape, attribute.string("container", ""), attribute.string("shared_name", ANONYMOUS)]
    const [handle] = binding.executeOp("VarHandleOp", anonymous, [], 1)
    binding.executeOp("AssignVariableOp", [dtype], [handle!.id, id], 0)
    return handle!.id
  })
  const scalars = [scalar(0), scalar(0), scalar(beta1), scalar(beta2)] as const
  const [zero1, zero2, b1, b2] = scalars
  const inputs = [...handles, zero1, zero2, rate!, b1, b2, epsilon!, gradient!]
  binding.executeOp("ResourceApplyAdam", attributes, inputs, 0)
  const made = handles.map((handle) =>
    backend.createOutputTensor(binding.executeOp("ReadVariableOp", [dtype], [handle], 1)[0]!),
  )
  for (const handle of handles)
    binding.executeOp("DestroyResourceOp", [attribute.bool("ignore_lookup_error", false)], [handle], 0)
  for (const id of [...handles, ...scalars]) binding.deleteTensor(id)
  if (decayed !== given.weight) backend.disposeData(decayed.dataId)
  return made
}

/** TensorFlow gives a variable of this name a place of its own. */
const ANONYMOUS = "cd2c89b7-88b7-44c8-ad83-06c2a9158347"

const kernelFunc: KernelFunc = ({ inputs, attrs, backend: given }) => {
  const backend = given as TensorFlowBackend
  const tensors = inputs as unknown as Given
  const { beta1, beta2 } = attrs as unknown as { readonly beta1: number; readonly beta2: number }
  const recording = recorder()
  if (recording === undefined) return alone(backend, tensors, beta1, beta2) as Array<TensorInfo>
  const state = [tensors.weight, tensors.mean, tensors.square].map(
    (tensor) => recording.variableOf(tensor) ?? recording.temporary(tensor),
  )
  const made = recording.unheard(() => alone(backend, tensors, beta1, beta2))
  const scalar = (value: number) => recording.constant(constant(value))
  const [rate, epsilon, gradient] = [tensors.rate, tensors.epsilon, tensors.gradient].map((t) => recording.reference(t))
  const [b1, b2, zero] = [scalar(beta1), scalar(beta2), scalar(0)]
  recording.change(
    "ResourceApplyAdam",
    state,
    [zero, zero, rate!, b1, b2, epsilon!, gradient!],
    attributes,
    made,
    tensors.decay,
  )
  return made as Array<TensorInfo>
}

export const registerAdam = (): void =>
  registerKernel({ kernelName: AdamKernel, backendName: "tensorflow", kernelFunc })
