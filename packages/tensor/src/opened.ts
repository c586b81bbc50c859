/** What a backend says of itself once it is open. */
export interface Opened {
  /** What it runs on, e.g. `CPU, 2 threads` or a graphics card's name. */
  readonly device: string
  /** Versions of the libraries below TensorFlow.js, e.g. `tensorflow-2.21.0`. */
  readonly libraries: ReadonlyArray<string>
  /** Name and number of our own kernels: raised whenever one may round differently. */
  readonly kernels: string
  readonly threads: number
  /** Whether another number of threads may give other bits: then it is part of the numerics class. */
  readonly bitsByThreads: boolean
}
