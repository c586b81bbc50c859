/** One-step generators by divergence minimisation. */
export {}
