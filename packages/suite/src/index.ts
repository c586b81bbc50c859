/** Claims on metrics of pipelines, tested over seeds, with verdicts. */
export {}
