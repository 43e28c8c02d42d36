"""Quantization: models in int8 and float16 with their dims, their guard, and a report of what it costs."""
