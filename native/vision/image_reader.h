#pragma once

#include <memory>

#include "vision/frame.h"

namespace vigil {

/// Turns camera frames of any accepted format into RGB. A JPEG is decoded straight to the smallest size that
/// still serves (libjpeg-turbo scales inside the inverse DCT). Reuses its buffers; belongs to one thread.
class ImageReader {
 public:
  ImageReader();
  ~ImageReader();
  ImageReader(const ImageReader&) = delete;
  ImageReader& operator=(const ImageReader&) = delete;

  /// Reads the size of a frame into its width and height. @throws Error IMAGE_DAMAGED
  void ReadSize(CameraFrame& frame);

  /// Decodes into `image` at 1/`reduction` of the full size (1, 2, 4 or 8; only JPEG is reduced).
  /// A truncated or damaged JPEG is refused: half a face must not be measured.
  /// @throws Error IMAGE_DAMAGED, IMAGE_SIZE
  void Read(const CameraFrame& frame, int reduction, RgbImage& image);

 private:
  struct Decompressor;
  std::unique_ptr<Decompressor> jpeg_;
};

}  // namespace vigil
