/** Reinforcement learning from human feedback as inference. */
export {}
