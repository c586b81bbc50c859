/** The part of WebGPU's interface that we call, as Dawn's package gives it to Node. */

export interface AdapterInfo {
  readonly vendor: string
  readonly architecture: string
  readonly device: string
  /** The driver and its version, mostly. */
  readonly description: string
  /** It computes on the processor. */
  readonly isFallbackAdapter: boolean
}

/** A block of the card's memory. */
export interface GpuBuffer {
  readonly size: number
  readonly destroy: () => void
}

export interface BufferDescriptor {
  readonly size: number
  readonly usage: number
  readonly mappedAtCreation?: boolean
}

/** What a card does wrong is told later, by name: `GPUOutOfMemoryError`, `GPUValidationError`, `GPUInternalError`. */
export interface GpuError {
  readonly message: string
}

export interface Device {
  readonly limits: { readonly [name: string]: number }
  /** Resolves when the device is gone. */
  readonly lost: Promise<{ readonly reason: string; readonly message: string }>
  createBuffer: (descriptor: BufferDescriptor) => GpuBuffer
  readonly pushErrorScope: (kind: "out-of-memory") => void
  readonly popErrorScope: () => Promise<GpuError | null>
  readonly addEventListener: (
    name: "uncapturederror",
    listener: (event: { readonly error: GpuError; readonly preventDefault: () => void }) => void,
  ) => void
  readonly destroy: () => void
}

export interface Adapter {
  readonly info: AdapterInfo
  readonly limits: { readonly [name: string]: number }
  readonly requestDevice: (wanted: { readonly requiredLimits: { readonly [name: string]: number } }) => Promise<Device>
}

export interface Gpu {
  readonly requestAdapter: (wanted: { readonly powerPreference: "high-performance" }) => Promise<Adapter | null>
}

/** What the package exports. */
export interface Dawn {
  readonly create: (options: ReadonlyArray<string>) => Gpu
  /** Classes and constants that a browser has as globals. */
  readonly globals: { readonly [name: string]: unknown }
}
