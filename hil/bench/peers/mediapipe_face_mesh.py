"""The peer of `npm run bench -- vision`: MediaPipe's own face mesh (with irises) over the same JPEG frames.

Usage: python mediapipe_face_mesh.py FOLDER   (PyPI: mediapipe==0.10.21 "numpy<2")
Prints one JSON object: CPU ms a frame of JPEG decoding and of the mesh, frames with a face, and the landmarks of
every tenth frame as pixel coordinates.
"""

import json
import pathlib
import sys
import time

import cv2
import mediapipe
import numpy

cv2.setNumThreads(1)


def main(folder: str) -> None:
    files = sorted(pathlib.Path(folder).glob("*.jpg"))
    mesh = mediapipe.solutions.face_mesh.FaceMesh(
        static_image_mode=False, max_num_faces=1, refine_landmarks=True, min_detection_confidence=0.5, min_tracking_confidence=0.5
    )
    decode = track = 0.0
    faces = 0
    landmarks = {}
    for number, file in enumerate(files):
        data = numpy.frombuffer(file.read_bytes(), numpy.uint8)
        start = time.process_time()
        image = cv2.cvtColor(cv2.imdecode(data, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
        decoded = time.process_time()
        result = mesh.process(image)
        done = time.process_time()
        if number >= 10:  # the first frames load and warm up
            decode += decoded - start
            track += done - decoded
        if result.multi_face_landmarks:
            faces += 1
            if number % 10 == 0:
                height, width = image.shape[:2]
                points = result.multi_face_landmarks[0].landmark
                landmarks[number] = [[round(p.x * width, 3), round(p.y * height, 3)] for p in points]
    measured = max(1, len(files) - 10)
    print(
        json.dumps(
            {
                "version": mediapipe.__version__,
                "frames": len(files),
                "faces": faces,
                "decodeMs": decode / measured * 1000,
                "meshMs": track / measured * 1000,
                "landmarks": landmarks,
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1])
