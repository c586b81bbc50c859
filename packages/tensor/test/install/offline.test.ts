/** The real clients, where no registry answers: the way to it leads to a closed port. */
import { spawnSync } from "node:child_process"
import { mkdirSync, readdirSync } from "node:fs"
import { expect, it, vi } from "vitest"
import { cpuWheel, nodeHeaders } from "../../src/tensorflow/install/archives.ts"
import { download } from "../../src/tensorflow/install/download.ts"
import { failure, ofTest } from "./machine.ts"

const machine = ofTest()
const runs = (program: string, ...words: ReadonlyArray<string>) => spawnSync(program, words).status === 0
const closed = "http://127.0.0.1:9/"

it.runIf(runs("npm", "--version"))("npm", async () => {
  vi.stubEnv("npm_config_registry", closed)
  vi.stubEnv("npm_config_fetch_retries", "0")
  vi.stubEnv("npm_config_cache", machine.path("npm"))
  mkdirSync(machine.path("downloads"))
  const error = await failure(download(nodeHeaders, machine.path("downloads"), () => {}))
  expect(error).toMatchObject({ _tag: "DownloadFailed", client: "npm", said: expect.stringContaining("ECONNREFUSED") })
  expect(readdirSync(machine.path("downloads"))).toEqual([])
})

it.runIf(runs("python3", "-m", "pip", "--version"))("pip", async () => {
  vi.stubEnv("PIP_INDEX_URL", closed)
  vi.stubEnv("PIP_FIND_LINKS", "")
  vi.stubEnv("PIP_RETRIES", "0")
  mkdirSync(machine.path("downloads"))
  const error = await failure(download(cpuWheel, machine.path("downloads"), () => {}))
  expect(error).toMatchObject({
    _tag: "DownloadFailed",
    client: "pip",
    said: expect.stringContaining("tensorflow-cpu"),
  })
  expect(readdirSync(machine.path("downloads"))).toEqual([])
})
