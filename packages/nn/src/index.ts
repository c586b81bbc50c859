/** Models as pure functions over parameter trees, optimisers, training. */
export {}
