import { defineConfig } from "vitest/config"

// The backend that every machine has, unless another is to be tested: RELENT_BACKEND=tensorflow pnpm test
process.env["RELENT_BACKEND"] ??= "wasm"

export const config = defineConfig({
  test: { projects: ["packages/*", "plugins/*", "apps/*", "tools/*"], passWithNoTests: true },
})

// oxlint-disable-next-line import/no-default-export -- the interface of Vitest
export default config
