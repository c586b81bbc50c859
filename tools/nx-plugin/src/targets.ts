/** Inferred targets: what a folder holds decides what can be run on it. */
import { existsSync } from "node:fs"
import { dirname, join } from "node:path"
import { createNodesFromFiles, type CreateNodes, type TargetConfiguration } from "@nx/devkit"

const installed = "{workspaceRoot}/pnpm-lock.yaml"
const types = ["{workspaceRoot}/tsconfig.base.json", installed]
const style = ["{workspaceRoot}/.oxlintrc.json", "{workspaceRoot}/.oxfmtrc.json"]
const runner = ["{workspaceRoot}/apps/runner/bin/**/*", "{workspaceRoot}/apps/runner/src/**/*"]

const targetsOf = (has: (path: string) => boolean): Record<string, TargetConfiguration> => ({
  lint: {
    command: "oxlint {projectRoot} && oxfmt --check {projectRoot}",
    cache: true,
    inputs: ["default", "^production", ...style, { externalDependencies: ["oxlint", "oxlint-tsgolint", "oxfmt"] }],
    outputs: [],
  },
  ...(has("tsconfig.json") && {
    typecheck: {
      command: "tsc -p tsconfig.json",
      options: { cwd: "{projectRoot}" },
      cache: true,
      inputs: ["default", "^production", ...types],
      outputs: [],
    },
  }),
  // Types of other projects come from their sources, so a build waits for no other.
  ...(has("tsconfig.build.json") && {
    build: {
      command: "tsc -p tsconfig.build.json",
      options: { cwd: "{projectRoot}" },
      cache: true,
      inputs: ["production", "^production", ...types],
      outputs: ["{projectRoot}/dist"],
    },
  }),
  ...(has("test") && {
    test: {
      command: "vitest run --testTimeout=30000 --project {projectName}",
      cache: true,
      inputs: ["default", "^production", "{workspaceRoot}/vitest.config.ts", installed],
      outputs: [],
    },
  }),
  // Cached while nothing that a verdict follows from has changed: the runner depends on plugins, so it is named by its files.
  ...(has("suites") && {
    suite: {
      command: "node apps/runner/bin/relent.js suite run {projectRoot}/suites/*.yaml --quick --check",
      cache: true,
      inputs: ["production", "^production", ...runner, installed],
      outputs: [],
    },
  }),
})

export const createNodes: CreateNodes = [
  "{packages,plugins,apps,tools}/*/package.json",
  (files, options, context) =>
    createNodesFromFiles(
      (file) => {
        const root = dirname(file)
        const targets = targetsOf((path) => existsSync(join(context.workspaceRoot, root, path)))
        return { projects: { [root]: { root, targets } } }
      },
      files,
      options,
      context,
    ),
]
