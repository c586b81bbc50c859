/** Table schemas, tensor columns, canonical form and digest, Arrow IPC files. */
export {}
