"""What servers ask to know of a model, out of its manifest: Triton's config, Open Inference Protocol, MLflow."""
