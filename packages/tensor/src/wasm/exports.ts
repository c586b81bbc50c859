/** What the compiled kernels export. Written by `kernels/build.ts`; addresses and strides are bytes. */
export interface Exports {
  readonly gemm: (rows: number, columns: number, depth: number, a: number, aRow: number, aColumn: number, b: number, bRow: number, bColumn: number, c: number, stride: number, bias: number, relu: boolean, workspace: number) => void
  readonly gemms: (count: number, aStep: number, bStep: number, cStep: number, biasStep: number, rows: number, columns: number, depth: number, a: number, aRow: number, aColumn: number, b: number, bRow: number, bColumn: number, c: number, stride: number, bias: number, relu: boolean, workspace: number) => void
  readonly gemmWorkspace: () => number
}
