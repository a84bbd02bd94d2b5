"""The only home of onnxruntime, onnx and cv2: detectors, alignment, embedding, quality, model packs."""
