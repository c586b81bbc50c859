import { Effect } from "effect"
import { expect, it, vi } from "vitest"
import { Backend, BackendUnavailable } from "../src/index.ts"

vi.mock("../src/wasm/open.ts", () => ({
  kernels: "none",
  open: () => Promise.reject(new Error("no such file: x.wasm")),
}))

it("a backend that doesn't open says why, and what to do", async () => {
  const error = await Effect.runPromise(Backend.pipe(Effect.provide(Backend.wasm), Effect.flip))
  expect(error).toBeInstanceOf(BackendUnavailable)
  expect(error.message).toBe("backend 'wasm' can't be used: no such file: x.wasm")
  expect(error.hint).toContain("'cpu'")
})
