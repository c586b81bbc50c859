/**
 * A graphics card says what went wrong some time after the call that it went wrong in, to whoever listens; the library
 * doesn't, and would go on with zeros. Here it is kept, and thrown by the next read of a value.
 */
import { Data } from "effect"
import { DeviceLost, OutOfTensorMemory } from "../error.ts"
import type { BufferDescriptor, Device, GpuBuffer } from "./gpu.ts"

/** A call that the card refused: a bug in a kernel, so a defect. */
export class CallRefused extends Data.TaggedError("CallRefused")<{ readonly message: string }> {}

/** Values can only be waited for. */
export class NoSynchronousRead extends Data.TaggedError("NoSynchronousRead")<{ readonly message: string }> {}

type Values = Float32Array | Int32Array | Uint8Array

/** The library's backend, as far as it is changed here. */
export interface WebgpuBackend {
  read: (dataId: object) => Promise<Values>
  readSync: (dataId: object) => Values
  readonly tensorMap: { readonly get: (dataId: object) => { readonly values?: Values | null } }
  readonly bufferManager: {
    releaseBuffer: (buffer: GpuBuffer, reuse?: boolean) => void
    /** Kept for the next tensor of the same size: by size and usage. */
    readonly freeBuffers: Map<string, Array<GpuBuffer>>
    numFreeBuffers: number
    numBytesAllocated: number
    readonly numBytesUsed: number
  }
}

/** Above this, what is kept for later tensors is given back before more is taken, in bytes. */
const mostKept = 2 ** 30

/** Makes failures of the device errors of the computation. Once a device, before the backend has made a buffer. */
export const guardDevice = (backend: WebgpuBackend, device: Device): void => {
  let lost: DeviceLost | undefined
  let failure: OutOfTensorMemory | CallRefused | undefined
  const [waiting, broken] = [new Set<Promise<void>>(), new WeakSet<GpuBuffer>()]
  const { bufferManager: buffers } = backend

  void device.lost.then(({ reason, message }) => {
    lost = new DeviceLost({ backend: "webgpu", reason: `${reason}${message === "" ? "" : `: ${message}`}` })
  })
  device.addEventListener("uncapturederror", (event) => {
    event.preventDefault()
    failure ??= new CallRefused({ message: event.error.message })
  })

  const forgetKept = () => {
    for (const buffer of [...buffers.freeBuffers.values()].flat()) {
      buffers.numBytesAllocated -= buffer.size
      buffer.destroy()
    }
    buffers.freeBuffers.forEach((kept) => kept.splice(0))
    buffers.numFreeBuffers = 0
  }

  const most = Math.min(device.limits["maxBufferSize"]!, device.limits["maxStorageBufferBindingSize"]!)
  const create = device.createBuffer.bind(device)
  device.createBuffer = (wanted: BufferDescriptor) => {
    const full = new OutOfTensorMemory({ backend: "webgpu", bytes: wanted.size })
    if (wanted.size > most) throw full
    if (buffers.numBytesAllocated - buffers.numBytesUsed > mostKept) forgetKept()
    device.pushErrorScope("out-of-memory")
    let buffer: GpuBuffer | undefined
    try {
      buffer = create(wanted)
    } catch {
      forgetKept()
    }
    const told = device.popErrorScope().then(
      (error) => {
        waiting.delete(told)
        if (error === null || buffer === undefined) return
        failure ??= full
        broken.add(buffer)
        forgetKept()
      },
      () => void waiting.delete(told), // the device is lost, which is told elsewhere
    )
    waiting.add(told)
    if (buffer === undefined) throw full
    return buffer
  }

  const release = buffers.releaseBuffer.bind(buffers)
  buffers.releaseBuffer = (buffer, reuse = true) => release(buffer, reuse && !broken.has(buffer))

  const read = backend.read.bind(backend)
  backend.read = async (dataId) => {
    let thrown: unknown
    const values = await read(dataId).catch((error: unknown) => {
      thrown = error
      return undefined
    })
    await Promise.all(waiting)
    const [error, ended] = [lost ?? failure ?? thrown, lost !== undefined]
    failure = undefined
    // oxlint-disable-next-line typescript/only-throw-error -- what the library threw
    if (error !== undefined || ended || values === undefined) throw error
    return values
  }

  backend.readSync = (dataId) => {
    const { values } = backend.tensorMap.get(dataId)
    if (values !== undefined && values !== null) return values
    throw new NoSynchronousRead({ message: "webgpu has no synchronous read: use 'await tensor.data()'" })
  }
}
