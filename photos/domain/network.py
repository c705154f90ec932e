"""One neural network in LiteRT, run on one thread so that every run gives the same numbers."""

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray
from PIL import Image

Tensor = NDArray[np.float32]


class Network:
    """A tflite model with one input. Not for use by two threads at a time."""

    def __init__(self, model: bytes) -> None:
        self._interpreter = Interpreter(model_content=model, num_threads=1)
        self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        self._outputs = [out["index"] for out in self._interpreter.get_output_details()]

    def run(self, tensor: Tensor) -> list[Tensor]:
        """Return the model's outputs, in the model's own order, for one input tensor."""
        self._interpreter.set_tensor(self._input, tensor)
        self._interpreter.invoke()
        return [self._interpreter.get_tensor(index) for index in self._outputs]

    def see(self, image: Image.Image) -> list[Tensor]:
        """Return the outputs for a picture of the model's own size, its values as 0 to 1."""
        return self.run(pixels(image) / np.float32(255))


def pixels(image: Image.Image) -> Tensor:
    """Return a picture's values, 0 to 255, as a batch of one: (1, height, width, 3)."""
    return np.asarray(image, np.float32)[None]
