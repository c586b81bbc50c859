/** Knowledge distillation. */
export {}
