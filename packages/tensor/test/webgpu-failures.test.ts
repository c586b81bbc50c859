/** What a graphics card does wrong, played by a device that does it on demand. */
import { describe, expect, it } from "vitest"
import { DeviceLost, OutOfTensorMemory } from "../src/index.ts"
import { CallRefused, guardDevice, NoSynchronousRead, type WebgpuBackend } from "../src/webgpu/failures.ts"
import type { Device, GpuBuffer, GpuError } from "../src/webgpu/gpu.ts"

const limit = 4 * 2 ** 30

const setUp = () => {
  const destroyed: Array<number> = []
  let [isFull, isGone]: [boolean | "at once", boolean] = [false, false]
  let listener: ((event: { error: GpuError; preventDefault: () => void }) => void) | undefined
  let lose: (why: { reason: string; message: string }) => void = () => undefined
  const device: Device = {
    limits: { maxBufferSize: limit, maxStorageBufferBindingSize: limit },
    lost: new Promise((done) => (lose = done)),
    createBuffer: ({ size }) => {
      if (isFull === "at once") throw new RangeError("createBuffer failed, size is too large for the implementation")
      return { size, destroy: () => void destroyed.push(size) }
    },
    pushErrorScope: () => undefined,
    popErrorScope: async () => {
      if (isGone) throw new Error("Device lost (destroyed).")
      return isFull === false ? null : { message: "out of memory" }
    },
    addEventListener: (_, f) => void (listener = f),
    destroy: () => undefined,
  }
  const bufferManager = {
    freeBuffers: new Map<string, Array<GpuBuffer>>(),
    numFreeBuffers: 0,
    numBytesAllocated: 0,
    numBytesUsed: 0,
    acquireBuffer: (size: number) => {
      const buffer = device.createBuffer({ size, usage: 128 })
      bufferManager.numBytesAllocated += size
      bufferManager.numBytesUsed += size
      return buffer
    },
    releaseBuffer: (buffer: GpuBuffer, reuse = true) => {
      bufferManager.numBytesUsed -= buffer.size
      if (!reuse) return void (bufferManager.numBytesAllocated -= buffer.size)
      bufferManager.numFreeBuffers++
      const key = `${buffer.size}_128`
      bufferManager.freeBuffers.set(key, [...(bufferManager.freeBuffers.get(key) ?? []), buffer])
    },
  }
  const backend: WebgpuBackend = {
    read: async () => {
      if (isGone) throw new Error("mapAsync failed")
      return Float32Array.of(1, 2)
    },
    readSync: () => Float32Array.of(0, 0),
    tensorMap: { get: (id) => ("values" in id ? { values: id.values as Float32Array } : { values: null }) },
    bufferManager,
  }
  guardDevice(backend, device)
  return {
    backend,
    buffers: bufferManager,
    destroyed,
    fill: (how: boolean | "at once") => void (isFull = how),
    refuse: (message: string) => {
      let isSilent = false
      listener!({ error: { message }, preventDefault: () => void (isSilent = true) })
      return isSilent
    },
    lose: async () => {
      isGone = true
      lose({ reason: "unknown", message: "the driver was reset" })
      await Promise.resolve()
    },
  }
}

describe("a full graphics card", () => {
  const full = (bytes: number) => new OutOfTensorMemory({ backend: "webgpu", bytes })

  it("is an error of the next read, once, and says what was asked for", async () => {
    const { backend, buffers, fill } = setUp()
    fill(true)
    buffers.acquireBuffer(4096)
    fill(false)
    await expect(backend.read({})).rejects.toEqual(full(4096))
    expect(await backend.read({})).toEqual(Float32Array.of(1, 2))
  })
  it("never lends the buffer that it couldn't make to another tensor", async () => {
    const { backend, buffers, destroyed, fill } = setUp()
    const good = buffers.acquireBuffer(16)
    fill(true)
    const [early, late] = [buffers.acquireBuffer(32), buffers.acquireBuffer(64)]
    buffers.releaseBuffer(early) // before anything is known
    await expect(backend.read({})).rejects.toEqual(full(32))
    buffers.releaseBuffer(late)
    buffers.releaseBuffer(good)
    expect(destroyed).toEqual([32])
    expect([...buffers.freeBuffers.values()].flat().map(({ size }) => size)).toEqual([16])
    expect([buffers.numFreeBuffers, buffers.numBytesAllocated, buffers.numBytesUsed]).toEqual([1, 16, 0])
  })
  it("is an error at once where the library asks for memory it can write to", () => {
    const { buffers, fill } = setUp()
    fill("at once")
    expect(() => buffers.acquireBuffer(8)).toThrow(full(8))
  })
  it("is an error at once beyond what a buffer may have", () => {
    expect(() => setUp().buffers.acquireBuffer(limit + 4)).toThrow(full(limit + 4))
  })
  it("keeps no more than a gibibyte for later tensors", () => {
    const { buffers, destroyed } = setUp()
    const sizes = [2 ** 29, 2 ** 29, 4]
    for (const buffer of sizes.map(buffers.acquireBuffer)) buffers.releaseBuffer(buffer)
    expect(buffers.numBytesAllocated).toBe(2 ** 30 + 4)
    buffers.acquireBuffer(12)
    expect(destroyed).toEqual(sizes)
    expect([buffers.numFreeBuffers, buffers.numBytesAllocated]).toEqual([0, 12])
  })
})

it("a lost device is an error of every read from then on", async () => {
  const { backend, buffers, lose } = setUp()
  await lose()
  buffers.acquireBuffer(4)
  const lost = new DeviceLost({ backend: "webgpu", reason: "unknown: the driver was reset" })
  await expect(backend.read({})).rejects.toEqual(lost)
  await expect(backend.read({})).rejects.toEqual(lost)
})

it("a call that the card refuses is an error of the next read, and nothing is printed", async () => {
  const { backend, refuse } = setUp()
  expect(refuse("no such binding")).toBe(true)
  refuse("and so on")
  await expect(backend.read({})).rejects.toEqual(new CallRefused({ message: "no such binding" }))
})

it("a value can't be read without waiting, unless it has never left", () => {
  const { backend } = setUp()
  expect(() => backend.readSync({})).toThrow(NoSynchronousRead)
  expect(backend.readSync({ values: Float32Array.of(7) })).toEqual(Float32Array.of(7))
})
