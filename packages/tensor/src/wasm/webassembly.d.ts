/** The part of WebAssembly's interface that is used here: Node's types leave it to the browser's. */
declare namespace WebAssembly {
  interface Memory {
    readonly buffer: ArrayBuffer | SharedArrayBuffer
  }
  const Memory: new (limits: never) => Memory
  interface Module {
    readonly [Symbol.toStringTag]: string
  }
  const Module: new (bytes: Uint8Array) => Module
  interface Imports {
    readonly [module: string]: { readonly [name: string]: unknown }
  }
  interface Instance {
    readonly exports: object
  }
  const Instance: new (module: Module, imports: Imports) => Instance
  function instantiate(module: Module, imports: Imports): Promise<Instance>
  function validate(bytes: Uint8Array): boolean
}
