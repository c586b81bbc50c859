/** What nx knows of this workspace: targets by what a folder holds, and dependencies that no import tells. */
export { createDependencies } from "./dependencies.ts"
export { createNodes } from "./targets.ts"
