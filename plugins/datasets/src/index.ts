/** Real and synthetic data sets, and your own. */
export {}
