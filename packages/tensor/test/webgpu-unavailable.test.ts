/** What a machine without a usable graphics card says, played by a Dawn that does so. */
import { expect, it } from "vitest"
import { BackendUnavailable } from "../src/index.ts"
import type { Adapter, Dawn } from "../src/webgpu/gpu.ts"
import { open } from "../src/webgpu/open.ts"

const find = () => ({ version: "0.6.2", folder: "/nowhere" })
const gives = (adapter: Adapter | null) => (): Promise<Dawn> =>
  Promise.resolve({ globals: {}, create: () => ({ requestAdapter: async () => adapter }) })

const refusal = async (source: NonNullable<Parameters<typeof open>[0]>) => {
  const error: unknown = await open(source).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(BackendUnavailable)
  return error as BackendUnavailable
}

it("without Dawn it names the command that adds it", async () => {
  const error = await refusal({ find: () => undefined, load: gives(null) })
  expect(error.message).toBe("backend 'webgpu' can't be used: the npm package 'webgpu' isn't installed")
  expect(error.hint).toContain("npm install webgpu@0.6.2")
})

it("on a system that Dawn isn't built for it says so", async () => {
  const lacking = new Error("Cannot find module 'dawn.node'\nRequire stack:\n- index.js")
  const error = await refusal({ find, load: () => Promise.reject(lacking) })
  expect(error.reason).toBe("Dawn 0.6.2 can't be loaded: Cannot find module 'dawn.node'")
  expect(error.hint).toContain("choose the backend 'wasm'")
})

it("without a driver it says that no card was found", async () => {
  const error = await refusal({ find, load: gives(null) })
  expect(error.reason).toBe("no graphics card with a driver was found")
  expect(error.hint).toMatch(/driver.*'wasm'/)
})

it("a card that refuses is named with its reason", async () => {
  const info = { vendor: "x", architecture: "y", device: "z", description: "w 1", isFallbackAdapter: false }
  const requestDevice = () => Promise.reject(new Error("too many devices"))
  const error = await refusal({ find, load: gives({ info, limits: {}, requestDevice }) })
  expect(error.reason).toBe("the graphics card refused: too many devices")
  expect("gpu" in globalThis.navigator).toBe(false)
})
