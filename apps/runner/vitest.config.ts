import { defineConfig } from "vitest/config"

// Every test starts processes; on a busy machine a start takes its time.
// oxlint-disable-next-line import/no-default-export -- the interface of Vitest
export default defineConfig({ test: { testTimeout: 30_000 } })
