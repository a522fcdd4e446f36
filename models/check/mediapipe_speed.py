#!/usr/bin/env python3
"""CPU time of MediaPipe's own runtime, XNNPACK on one thread, on the models that our converter reads.

Set up as mediapipe_reference.py; prints milliseconds of CPU time (all threads of the process) per run, median of
rounds: the two networks without the conversion of the image, and the whole face mesh solution while it tracks.
"""
import statistics
import tempfile
import time

import mediapipe as mp
import numpy as np
import skimage.data

from mediapipe_reference import MODELS, images, packed

ROUNDS, RUNS = 30, 10


def graph_text(model_path, size, low):
    to_tensor = f"output_tensor_width: {size} output_tensor_height: {size} output_tensor_float_range {{ min: {low} max: 1.0 }}"
    lines = [
        'input_stream: "image"',
        'node { calculator: "TfLiteCustomOpResolverCalculator" output_side_packet: "OP_RESOLVER:resolver" }',
        'node { calculator: "ImageToTensorCalculator" input_stream: "IMAGE:image" output_stream: "TENSORS:input"',
        f"options {{ [mediapipe.ImageToTensorCalculatorOptions.ext] {{ {to_tensor} }} }} }}",
    ]
    if model_path is None:
        return "\n".join(lines)
    settings = f'model_path: "{model_path}" delegate {{ xnnpack {{ num_threads: 1 }} }}'
    return "\n".join(
        lines
        + [
            'node { calculator: "InferenceCalculator" input_side_packet: "OP_RESOLVER:resolver"',
            'input_stream: "TENSORS:input" output_stream: "TENSORS:output"',
            f"options {{ [mediapipe.InferenceCalculatorOptions.ext] {{ {settings} }} }} }}",
        ]
    )


class Chain:
    """A running graph that is fed one image after the other."""

    def __init__(self, text, image):
        self.graph = mp.CalculatorGraph(graph_config=text)
        self.image = mp.Image(image_format=mp.ImageFormat.SRGB, data=np.ascontiguousarray(image))
        self.graph.start_run()
        self.timestamp = 0
        self()

    def __call__(self):
        self.timestamp += 1
        self.graph.add_packet_to_input_stream("image", mp.packet_creator.create_image(self.image).at(self.timestamp))
        self.graph.wait_until_idle()


def cpu_ms(call):
    start = time.process_time()
    for _ in range(RUNS):
        call()
    return (time.process_time() - start) / RUNS * 1000


def main():
    photo = np.ascontiguousarray(skimage.data.astronaut()[0:256, 96:352])
    for model_id, model in MODELS.items():
        image = images(photo, model["size"])["face"]
        with tempfile.NamedTemporaryFile(suffix=".tflite") as file:
            file.write(packed(model["member"]))
            file.flush()
            network = Chain(graph_text(file.name, model["size"], model["low"]), image)
            conversion = Chain(graph_text(None, model["size"], model["low"]), image)
            differences = [cpu_ms(network) - cpu_ms(conversion) for _ in range(ROUNDS)]
        print(f"{model_id}: {statistics.median(differences):.2f} ms")
    with mp.solutions.face_mesh.FaceMesh(refine_landmarks=True) as solution:
        for _ in range(RUNS):
            assert solution.process(photo).multi_face_landmarks
        whole = [cpu_ms(lambda: solution.process(photo)) for _ in range(ROUNDS)]
    print(f"whole face mesh, tracking: {statistics.median(whole):.2f} ms")


if __name__ == "__main__":
    main()
