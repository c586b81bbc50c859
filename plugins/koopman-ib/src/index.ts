/** Koopman operators and information bottlenecks. */
export {}
