/** Stage, port, plugin and pipeline: the contract between plugins and the runtime. */
export {}
