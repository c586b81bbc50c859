import { defineConfig } from "vitest/config"

export const config = defineConfig({
  test: { projects: ["packages/*", "plugins/*", "apps/*", "tools/*"], passWithNoTests: true },
})

// oxlint-disable-next-line import/no-default-export -- the interface of Vitest
export default config
