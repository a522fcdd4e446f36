#pragma once

#include <cstdint>
#include <vector>

namespace vigil {

/// Images outside these bounds are refused (image_reader.h).
constexpr int kMinImageSide = 16;
constexpr int kMaxImageSide = 8192;

enum class PixelFormat : int { kJpeg = 0, kRgb = 1, kGrey = 2, kYuyv = 3 };

/// One camera frame as it waits in the queue. Width and height are read from a JPEG itself.
struct CameraFrame {
  double t = 0;         ///< milliseconds on the drive's clock
  uint32_t number = 0;  ///< running number given by the source
  PixelFormat format = PixelFormat::kJpeg;
  int width = 0;
  int height = 0;
  std::vector<uint8_t> bytes;  ///< reused from frame to frame
};

/// Interleaved 8-bit RGB, possibly decoded at a reduced size: a pixel x of the full-size image lies at
/// x * scale here.
struct RgbImage {
  int width = 0;
  int height = 0;
  double scale = 1;
  std::vector<uint8_t> pixels;  ///< height x width x 3
};

/// A rectangle of whole pixels.
struct PixelWindow {
  int left = 0, top = 0, width = 0, height = 0;
};

/// A square, possibly rotated region of the full-size image. `rotation` in radians, clockwise on the screen.
struct Region {
  double centreX = 0;
  double centreY = 0;
  double size = 0;
  double rotation = 0;
};

}  // namespace vigil
