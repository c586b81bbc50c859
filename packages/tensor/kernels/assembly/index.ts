export { gemm, gemmWorkspace } from "./gemm"
