/** Table schemas, tensor columns, canonical form and digest, Arrow IPC files. */
export * from "./build.ts"
export * from "./check.ts"
export * from "./codec.ts"
export * from "./column.ts"
export { columnsOf, columnOf, fieldOf } from "./field.ts"
export * from "./object.ts"
export * from "./table.ts"
