#!/usr/bin/env python3
"""Computes the golden outputs under test/golden/models with MediaPipe's own runtime (TensorFlow Lite).

The TFLite files inside npm @mediapipe/face_mesh, which our converter reads, are run here by PyPI mediapipe 0.10.21:
another program, another inference engine, and MediaPipe's own C++ code for the three custom operators. Images are
made without randomness of any library, so that the test makes the same ones.

  python3.11 -m venv /tmp/mediapipe && /tmp/mediapipe/bin/pip install -r models/check/requirements.txt
  /tmp/mediapipe/bin/python models/check/mediapipe_reference.py            # after `npm ci`
"""
import argparse
import hashlib
import json
import re
import tempfile
from pathlib import Path

import mediapipe as mp
import numpy as np
import skimage.data

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "test" / "golden" / "models"
PACKAGE = ROOT / "node_modules" / "@mediapipe" / "face_mesh"

# Per model: TFLite file, input size, lower end of the input range (the upper is 1), outputs in the file's order.
MODELS = {
    "face_detection_short_range": {
        "member": "face_detection_short_range.tflite",
        "size": 128,
        "low": -1.0,
        "outputs": ["regressors", "classificators"],
    },
    "face_landmarks_attention": {
        "member": "face_landmark_with_attention.tflite",
        "size": 192,
        "low": 0.0,
        "outputs": ["mesh", "lips", "left_eye", "right_eye", "left_iris", "right_iris", "face_flag"],
    },
}


def packed(member):
    """Bytes of one file of the package's assets; offsets from its loader script."""
    script = (PACKAGE / "face_mesh_solution_packed_assets_loader.js").read_text()
    files = json.loads(re.search(r'loadPackage\((\{"files":.*?\})\)', script, re.S).group(1))["files"]
    entry = next(file for file in files if file["filename"].endswith("/" + member))
    return (PACKAGE / "face_mesh_solution_packed_assets.data").read_bytes()[entry["start"] : entry["end"]]


def noise(size, seed):
    """Uniform bytes from the top of a 32-bit linear congruential generator (a = 1664525, c = 1013904223)."""
    state, values = seed, bytearray()
    for _ in range(size * size * 3):
        state = (state * 1664525 + 1013904223) % 2**32
        values.append(state >> 24)
    return np.frombuffer(bytes(values), np.uint8).reshape(size, size, 3)


def images(photo, size):
    """Inputs by name, [size, size, 3] uint8, from the 256 x 256 photo by whole-number arithmetic only."""
    if size == 128:
        blocks = photo.reshape(128, 2, 128, 2, 3).astype(np.uint32)
        face = ((blocks.sum(axis=(1, 3)) + 2) >> 2).astype(np.uint8)
    else:
        face = photo[16:208, 32:224]
    cases = {"noise": noise(size, 7), "face": face, "turned": face.transpose(1, 0, 2)}
    if size == 192:
        # A crop so close to the eye that the eye's attention patch reaches outside the image.
        cases["border"] = photo[60:156, 100:196].repeat(2, axis=0).repeat(2, axis=1)
    return cases


def graph_text(model_path, size, low, count, delegate):
    def options(name, body):
        return f"options {{ [mediapipe.{name}.ext] {{ {body} }} }}"

    lines = ['input_stream: "image"', 'output_stream: "input_floats"']
    lines += [f'output_stream: "floats_{i}"' for i in range(count)]
    to_tensor = f"output_tensor_width: {size} output_tensor_height: {size} output_tensor_float_range {{ min: {low} max: 1.0 }}"
    ranges = " ".join(f"ranges {{ begin: {i} end: {i + 1} }}" for i in range(count))
    parts = " ".join(f'output_stream: "part_{i}"' for i in range(count))
    lines += [
        'node { calculator: "TfLiteCustomOpResolverCalculator" output_side_packet: "OP_RESOLVER:resolver" }',
        'node { calculator: "ImageToTensorCalculator" input_stream: "IMAGE:image" output_stream: "TENSORS:input"',
        options("ImageToTensorCalculatorOptions", to_tensor) + " }",
        'node { calculator: "TensorsToFloatsCalculator" input_stream: "TENSORS:input" output_stream: "FLOATS:input_floats" }',
        'node { calculator: "InferenceCalculator" input_side_packet: "OP_RESOLVER:resolver"',
        'input_stream: "TENSORS:input" output_stream: "TENSORS:output"',
        options("InferenceCalculatorOptions", f'model_path: "{model_path}" delegate {{ {delegate} {{}} }}') + " }",
        f'node {{ calculator: "SplitTensorVectorCalculator" input_stream: "output" {parts}',
        options("SplitVectorCalculatorOptions", ranges) + " }",
    ]
    lines += [
        f'node {{ calculator: "TensorsToFloatsCalculator" input_stream: "TENSORS:part_{i}" output_stream: "FLOATS:floats_{i}" }}'
        for i in range(count)
    ]
    return "\n".join(lines)


def run(model_path, model, image, delegate="tflite"):
    """The model's output tensors for one image, by output name; checks that the input tensor is the image."""
    count, size, low = len(model["outputs"]), model["size"], model["low"]
    graph = mp.CalculatorGraph(graph_config=graph_text(model_path, size, low, count, delegate))
    seen = {}

    def observe(stream, packet):
        seen[stream] = np.array(mp.packet_getter.get_float_list(packet), np.float32)

    for stream in ["input_floats"] + [f"floats_{i}" for i in range(count)]:
        graph.observe_output_stream(stream, observe)
    graph.start_run()
    frame = mp.Image(image_format=mp.ImageFormat.SRGB, data=np.ascontiguousarray(image))
    graph.add_packet_to_input_stream("image", mp.packet_creator.create_image(frame).at(0))
    graph.close_all_packet_sources()
    graph.wait_until_done()
    expected = image.astype(np.float64).ravel() / 255 * (1 - low) + low
    assert np.abs(seen["input_floats"] - expected).max() < 1e-6, "MediaPipe resampled the image"
    return {name: seen[f"floats_{i}"] for i, name in enumerate(model["outputs"])}


def whole_solution(photo):
    """What MediaPipe's finished face mesh finds in the photo: 478 landmarks in pixels (x, y; z on x's scale)."""
    with mp.solutions.face_mesh.FaceMesh(static_image_mode=True, refine_landmarks=True) as solution:
        faces = solution.process(photo).multi_face_landmarks
    assert faces is not None and len(faces) == 1
    height, width = photo.shape[:2]
    return [[round(p.x * width, 3), round(p.y * height, 3), round(p.z * width, 3)] for p in faces[0].landmark]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.parse_args()
    GOLDEN.mkdir(parents=True, exist_ok=True)
    photo = np.ascontiguousarray(skimage.data.astronaut()[0:256, 96:352])
    (GOLDEN / "astronaut.ppm").write_bytes(b"P6\n256 256\n255\n" + photo.tobytes())

    cases = []
    for model_id, model in MODELS.items():
        tflite = packed(model["member"])
        with tempfile.NamedTemporaryFile(suffix=".tflite") as file:
            file.write(tflite)
            file.flush()
            for image_name, image in images(photo, model["size"]).items():
                outputs = run(file.name, model, image)
                name = f"{model_id}-{image_name}.f32"
                (GOLDEN / name).write_bytes(b"".join(outputs[key].astype("<f4").tobytes() for key in model["outputs"]))
                accelerated = run(file.name, model, image, "xnnpack")
                spread = max(float(np.abs(outputs[key] - accelerated[key]).max()) for key in model["outputs"])
                print(f"{model_id} {image_name}: MediaPipe's own two engines differ by at most {spread:.2e}")
                cases.append(
                    {
                        "model": model_id,
                        "image": image_name,
                        "imageSha256": hashlib.sha256(np.ascontiguousarray(image).tobytes()).hexdigest(),
                        "tfliteSha256": hashlib.sha256(tflite).hexdigest(),
                        "file": name,
                        "outputs": [{"name": key, "length": len(outputs[key])} for key in model["outputs"]],
                    }
                )
    index = {"runtime": f"mediapipe {mp.__version__}, TensorFlow Lite built-in kernels", "cases": cases}
    (GOLDEN / "index.json").write_text(json.dumps(index, indent=1) + "\n")
    points = json.dumps(whole_solution(photo), separators=(",", ":"))
    (GOLDEN / "astronaut-landmarks.json").write_text(
        f'{{"runtime":"mediapipe {mp.__version__} solutions.face_mesh, static image, refined",'
        f'"image":"astronaut.ppm","unit":"px",\n"landmarks":{points}}}\n'
    )


if __name__ == "__main__":
    main()
