/** Results for other tools: weights as safetensors, metrics for TensorBoard and MLflow. */
export * from "./metrics.ts"
export * from "./mlflow.ts"
export * from "./safetensors.ts"
export * from "./tensorboard.ts"
