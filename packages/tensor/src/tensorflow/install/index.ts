/** Installing what isn't on npm: `relent backend add|remove|list`. */
export { add, type Added, type Options, type Step } from "./add.ts"
export * from "./error.ts"
export { type Installed, list, remove } from "./remove.ts"
export type { Progress, Report } from "./report.ts"
