export { gemm, gemms, gemmWorkspace } from "./gemm"
