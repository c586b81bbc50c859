/** Registries of named values. */
export * from "./family.ts"
export * from "./named.ts"
export * from "./suggest.ts"
export * from "./parameter.ts"
