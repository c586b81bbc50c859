/** Counter-based random numbers, keyed by what they are for. */
export * from "./draws.ts"
export { philox } from "./philox.ts"
