/** Tensor backends as an Effect service, with owned tensor lifetimes. */
export {}
