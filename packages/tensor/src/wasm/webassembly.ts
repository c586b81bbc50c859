/** The part of WebAssembly's interface that is used here: Node has it, and its types leave it to the browser's. */

export interface Memory {
  readonly buffer: ArrayBuffer | SharedArrayBuffer
}
export interface Module {
  readonly [Symbol.toStringTag]: string
}
export interface Imports {
  readonly [module: string]: { readonly [name: string]: unknown }
}
export interface Instance {
  readonly exports: object
}

export const WebAssembly = Reflect.get(globalThis, "WebAssembly") as {
  readonly Memory: new (limits: never) => Memory
  readonly Module: new (bytes: Uint8Array) => Module
  readonly Instance: new (module: Module, imports: Imports) => Instance
  readonly instantiate: (module: Module, imports: Imports) => Promise<Instance>
  readonly validate: (bytes: Uint8Array) => boolean
}
