/** Why tensor code can't go on. */
import { Data } from "effect"

/** A backend that can't be opened on this machine. */
export class BackendUnavailable extends Data.TaggedError("BackendUnavailable")<{
  readonly backend: string
  readonly reason: string
  readonly hint: string
}> {
  override get message() {
    return `backend '${this.backend}' can't be used: ${this.reason}`
  }
}

/** An operation, or its gradient, that the backend in use has no kernel for. */
export class KernelMissing extends Data.TaggedError("KernelMissing")<{
  readonly kernel: string
  readonly backend: string
  /** `gradient`: no backend knows the derivative of this operation. */
  readonly lacks: "kernel" | "gradient"
  /** Backends that have the kernel. */
  readonly available: ReadonlyArray<string>
}> {
  override get message() {
    return this.lacks === "gradient"
      ? `the operation ${this.kernel} has no gradient`
      : `the operation ${this.kernel} has no kernel on backend '${this.backend}'`
  }
  get hint() {
    const elsewhere = this.available.map((name) => `'${name}'`).join(" or ")
    return elsewhere === "" ? "write it with other operations, or with tf.customGrad" : `backend ${elsewhere} has it`
  }
}

/** The backend's memory is full: 4 GiB for wasm. */
export class OutOfTensorMemory extends Data.TaggedError("OutOfTensorMemory")<{
  readonly backend: string
  /** What was asked for, in bytes. */
  readonly bytes: number
}> {
  override get message() {
    return `backend '${this.backend}' has no room for a tensor of ${this.bytes} bytes`
  }
  get hint() {
    return "a smaller batch, or fewer members at once"
  }
}

/** The device is gone: its driver was restarted, or it hung. The process can't open it again. */
export class DeviceLost extends Data.TaggedError("DeviceLost")<{
  readonly backend: string
  readonly reason: string
}> {
  override get message() {
    return `the device of backend '${this.backend}' was lost: ${this.reason}`
  }
  get hint() {
    return "run it again: finished steps are kept; if it happens again, a smaller batch, or another backend"
  }
}

/** A computation left tensors behind. A bug in that computation, so a defect. */
export class TensorLeak extends Data.TaggedError("TensorLeak")<{ readonly before: number; readonly after: number }> {
  override get message() {
    return `${this.after - this.before} tensors were left behind (${this.before} before, ${this.after} after)`
  }
}
