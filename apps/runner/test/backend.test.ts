/** `relent backend add|remove|list`, on a cache that is empty and a PATH without programs. */
import { mkdirSync } from "node:fs"
import { afterAll, beforeAll, expect, it } from "vitest"
import { inFolder, relent, spawned } from "./relent.ts"

const folder = inFolder()
const { PATH, RELENT_CACHE } = process.env
beforeAll(() => {
  mkdirSync("nothing")
  process.env["PATH"] = folder.path("nothing")
  process.env["RELENT_CACHE"] = folder.path("cache")
})
afterAll(() => {
  process.env["PATH"] = PATH
  if (RELENT_CACHE === undefined) delete process.env["RELENT_CACHE"]
  else process.env["RELENT_CACHE"] = RELENT_CACHE
})

/** As `add` leaves it. */
const install = () => {
  const record = { tensorflow: "2.0.0", tfjs: "4.0.0", platform: `${process.platform}-${process.arch}`, cuda: true }
  folder.write(
    "cache/backends/tensorflow/installed.json",
    JSON.stringify({ ...record, libraries: [], addon: "", files: {} }),
  )
  folder.write("cache/backends/tensorflow/lib.so", "x".repeat(2_000_000))
}

it("lists what is installed, and removes it", async () => {
  expect(await relent("backend", "list")).toMatchObject({
    code: 0,
    out: expect.stringContaining("Nothing is installed"),
  })
  expect((await relent("backend", "list", "--json")).out).toBe("[]\n")
  expect(await relent("backend", "remove", "tensorflow")).toMatchObject({
    code: 1,
    error: expect.stringMatching(/isn't installed: there is no .*\n {2}relent backend add tensorflow installs it/),
  })
  install()
  expect((await relent("backend", "list")).out).toMatch(
    /^backend +version +cuda +size +folder\ntensorflow +2\.0\.0 +yes +2 MB +\/.*\/cache\/backends\/tensorflow\n$/,
  )
  expect(JSON.parse((await relent("backend", "list", "--json")).out)).toMatchObject([{ name: "tensorflow", files: 0 }])
  expect(await relent("backend", "remove", "tensorflow")).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^removed \/.*\/tensorflow: 2 MB are free again\n$/),
  })
  expect((await relent("backend", "list", "--json")).out).toBe("[]\n")
})

it("a machine that can't build is told what is missing, or that there is nothing for it", async () => {
  const { code, error } = await relent("backend", "add", "tensorflow")
  expect(code).toBe(1)
  expect(error).toMatch(/python3 \(there is no such program\), npm .*, a C\+\+ compiler|is there for linux-x64/)
})

it("another backend is none to install", async () => {
  for (const verb of ["add", "remove"])
    expect(await relent("backend", verb, "tensorflo")).toMatchObject({
      code: 1,
      error: expect.stringContaining("did you mean 'tensorflow'?"),
    })
})

it("a damaged one is replaced, and says so on standard error", async () => {
  install()
  const { code, out, error } = await spawned(["backend", "add", "tensorflow", "--cuda"])
  expect([code, out]).toEqual([1, ""])
  expect(error).toMatch(
    /^replacing {2}an installation that is TensorFlow 2\.0\.0\nto build the backend: python3|is there for/,
  )
})
