import { defineConfig } from "vitest/config"

// The backend that every machine has, unless another is to be tested: RELENT_BACKEND=tensorflow pnpm test
process.env["RELENT_BACKEND"] ??= "wasm"

const folders = ["packages/*", "plugins/*", "apps/*", "tools/*"]

/** Projects are for those who name one: each loads everything anew, which takes as long as a fifth of all tests. */
const isNamed = process.argv.some((word) => /^--project\b/.test(word))

export const config = defineConfig({
  test: {
    ...(isNamed ? { projects: folders } : { include: folders.map((folder) => `${folder}/test/**/*.test.ts`) }),
    passWithNoTests: true,
  },
})

// oxlint-disable-next-line import/no-default-export -- the interface of Vitest
export default config
