import { Effect } from "effect"
import { beforeEach, expect, it, vi } from "vitest"
import { Backend } from "../src/index.ts"
import * as dawn from "../src/webgpu/dawn.ts"
import type { Adapter, Dawn } from "../src/webgpu/gpu.ts"

vi.mock(import("../src/webgpu/dawn.ts"), async (original) => ({
  ...(await original()),
  dawnPackage: vi.fn<typeof dawn.dawnPackage>(),
  loadDawn: vi.fn<typeof dawn.loadDawn>(),
}))

const refusal = () => Effect.runPromise(Backend.pipe(Effect.provide(Backend.webgpu), Effect.flip))
const gives = (adapter: Adapter | null): Dawn => ({
  globals: {},
  create: () => ({ requestAdapter: async () => adapter }),
})

beforeEach(() => {
  vi.mocked(dawn.dawnPackage).mockReturnValue({ version: "0.6.2", folder: "/nowhere" })
})

it("without Dawn it names the command that adds it", async () => {
  vi.mocked(dawn.dawnPackage).mockReturnValue(undefined)
  const error = await refusal()
  expect(error.message).toBe("backend 'webgpu' can't be used: the npm package 'webgpu' isn't installed")
  expect(error.hint).toContain("npm install webgpu@0.6.2")
})

it("on a system that Dawn isn't built for it says so", async () => {
  vi.mocked(dawn.loadDawn).mockRejectedValue(new Error("Cannot find module 'dawn.node'\nRequire stack:\n- index.js"))
  const error = await refusal()
  expect(error.reason).toBe("Dawn 0.6.2 can't be loaded: Cannot find module 'dawn.node'")
  expect(error.hint).toContain("choose the backend 'wasm'")
})

it("without a driver it says that no card was found", async () => {
  vi.mocked(dawn.loadDawn).mockResolvedValue(gives(null))
  const error = await refusal()
  expect(error.reason).toBe("no graphics card with a driver was found")
  expect(error.hint).toMatch(/driver.*'wasm'/)
})

it("a card that refuses is named with its reason", async () => {
  const info = { vendor: "x", architecture: "y", device: "z", description: "w 1", isFallbackAdapter: false }
  const requestDevice = () => Promise.reject(new Error("too many devices"))
  vi.mocked(dawn.loadDawn).mockResolvedValue(gives({ info, limits: {}, requestDevice }))
  expect((await refusal()).reason).toBe("the graphics card refused: too many devices")
  expect("gpu" in globalThis.navigator).toBe(false)
})
