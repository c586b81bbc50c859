/** The algebra of divergences. */
export {}
