/** Inferred targets: what a folder holds decides what can be run on it. */
import { existsSync } from "node:fs"
import { dirname, join } from "node:path"
import { createNodesFromFiles, type CreateNodes, type TargetConfiguration } from "@nx/devkit"

const shared = ["{workspaceRoot}/tsconfig.base.json", { externalDependencies: ["typescript"] }]

export const createNodes: CreateNodes = [
  "{packages,plugins,apps,tools}/*/package.json",
  (files, options, context) =>
    createNodesFromFiles(
      (file) => {
        const root = dirname(file)
        const has = (path: string) => existsSync(join(context.workspaceRoot, root, path))
        const targets: Record<string, TargetConfiguration> = {}
        if (has("tsconfig.json"))
          targets["typecheck"] = {
            command: "tsc -p tsconfig.json",
            options: { cwd: "{projectRoot}" },
            cache: true,
            inputs: ["default", "^production", ...shared],
            outputs: [],
          }
        return { projects: { [root]: { root, targets } } }
      },
      files,
      options,
      context,
    ),
]
