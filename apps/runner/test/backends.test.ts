/** `relent backends`, where nothing is installed: what it tells, not how fast anything is. */
import { availableParallelism } from "node:os"
import { expect, it } from "vitest"
import { backendsText, type Row } from "../src/commands/backends.ts"
import { inFolder, spawned } from "./relent.ts"

const folder = inFolder()
/** In a process of its own: one that has opened TensorFlow has it, wherever it is looked for next. */
const alone = (words: ReadonlyArray<string>, backend: string) =>
  spawned(words, undefined, { RELENT_BACKEND: backend, RELENT_CACHE: folder.path("cache") })

const onWasm = /^CPU, WebAssembly with (relaxed )?SIMD, \d+ threads?$/

/** A line of the table, its cells two blanks apart. */
const cellsOf = (line: string) => line.split(/ {2,}/)

it("the backends of this machine, with figures where one opens and a way to get it elsewhere", async () => {
  const { code, out } = await alone(["backends", "--json"], "")
  expect(code).toBe(0)
  const { backends, auto } = JSON.parse(out) as {
    readonly backends: ReadonlyArray<Row>
    readonly auto: { readonly name: string; readonly why: string }
  }
  expect(backends.map(({ backend }) => backend)).toEqual(["tensorflow", "webgpu", "wasm", "cpu"])
  expect(backends[0]).toEqual({
    backend: "tensorflow",
    ready: false,
    reason: "it isn't installed",
    hint: "install it with 'relent backend add tensorflow', or choose the backend 'wasm'",
  })
  const figures = {
    product: { size: expect.any(Number), gflops: expect.any(Number) },
    step: { batch: expect.any(Number), milliseconds: expect.any(Number) },
  }
  const about = { ready: true, version: "4.22.0", speed: figures }
  expect(backends.slice(2)).toEqual([
    {
      ...about,
      backend: "wasm",
      device: expect.stringMatching(onWasm),
      libraries: [expect.stringMatching(/^simd=(relaxed|plain)$/)],
      threads: availableParallelism(),
      records: true,
      numerics: expect.stringMatching(/^wasm tfjs-4\.22\.0 .* probe=[0-9a-f]{16}$/),
    },
    {
      ...about,
      backend: "cpu",
      device: "CPU",
      libraries: [],
      threads: 1,
      records: false,
      numerics: expect.stringMatching(/^cpu tfjs-4\.22\.0 .* probe=[0-9a-f]{16}$/),
    },
  ])
  expect(auto).toEqual({ name: "wasm", why: expect.stringContaining("TensorFlow isn't installed") })
})

it("the same as a table that a terminal can hold", async () => {
  const { code, out, error } = await alone(["backends"], "cpu")
  expect([code, error]).toEqual([0, ""])
  const lines = out.trimEnd().split("\n")
  expect(cellsOf(lines[0]!)).toEqual(["backend", "device", "versions", "GFLOP/s", "MLP step", "numerics class"])
  expect(cellsOf(lines[1]!)).toEqual(["tensorflow", "not there"])
  const wasm = cellsOf(lines[3]!)
  expect(wasm.slice(0, 3)).toEqual([
    "wasm",
    expect.stringMatching(onWasm),
    expect.stringMatching(/^tfjs-4\.22\.0 simd=(relaxed|plain)$/),
  ])
  expect(wasm.slice(3)).toEqual([
    expect.stringMatching(/^\d/),
    expect.stringMatching(/^\d\S* ms( \(batch \d+\))?$/),
    expect.stringMatching(/^wasm tfjs.*…/),
  ])
  expect(lines.slice(5, 7)).toEqual(["tensorflow: it isn't installed", expect.stringMatching(/^ {2}install it with /)])
  expect(lines.slice(-2)).toEqual([
    expect.stringMatching(/^auto takes wasm: TensorFlow isn't installed: /),
    "RELENT_BACKEND=cpu is what commands take here",
  ])
})

it("a backend that opens and then fails has its reason instead of figures, and a card in software says so", () => {
  const about = {
    version: "4.22.0",
    libraries: ["dawn-0.6.2"],
    threads: 1,
    records: false,
    numerics: "webgpu",
  } as const
  const device = "SwiftShader, in software: slow"
  const row = { ...about, backend: "webgpu", ready: true, device, problem: "the device was lost\u001b" } as const
  expect(backendsText([row], "auto takes wasm").split("\n").slice(1)).toEqual([
    "webgpu   SwiftShader, in software: slow  tfjs-4.22.0 dawn-0.6.2                     webgpu",
    "webgpu: the device was lost·",
    "auto takes wasm",
  ])
})
