/** Inferred targets: what a folder holds decides what can be run on it. */
import { existsSync } from "node:fs"
import { dirname, join } from "node:path"
import { createNodesFromFiles, type CreateNodes, type TargetConfiguration } from "@nx/devkit"

const types = ["{workspaceRoot}/tsconfig.base.json", { externalDependencies: ["typescript"] }]
const style = ["{workspaceRoot}/.oxlintrc.json", "{workspaceRoot}/.oxfmtrc.json"]

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
  ...(has("tsconfig.build.json") && {
    build: {
      command: "tsc -p tsconfig.build.json",
      options: { cwd: "{projectRoot}" },
      cache: true,
      dependsOn: ["^build"],
      inputs: ["production", "^production", ...types],
      outputs: ["{projectRoot}/dist"],
    },
  }),
  ...(has("test") && {
    test: {
      command: "vitest run --project {projectName}",
      cache: true,
      inputs: ["default", "^production", "{workspaceRoot}/vitest.config.ts", { externalDependencies: ["vitest"] }],
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
