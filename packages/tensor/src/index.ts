/** Tensor backends as an Effect service, with owned tensor lifetimes. */
export * from "./backend.ts"
export * from "./detached.ts"
export * from "./error.ts"
export * from "./tensors.ts"
export * from "./tf.ts"
