#pragma once

#include <span>

#include "vision/frame.h"

namespace vigil {

/// How an image was fitted into a square: full-size x = (square x - offsetX) / scale.
struct Letterbox {
  double scale = 1;
  double offsetX = 0;
  double offsetY = 0;
  PixelWindow picture;  ///< the square without its bars
};

/// Fits the whole image into a side x side square, keeping its aspect, by area averaging; the border is
/// black. Output is RGB float, each value = low + (high - low) * byte / 255.
Letterbox FitSquare(const RgbImage& image, int side, float low, float high, std::span<float> out);

/// Samples a rotated square region of the full-size image into side x side RGB floats of 0 to 1, bilinear,
/// edge pixels repeated outside.
void CropRegion(const RgbImage& image, const Region& region, int side, std::span<float> out);

}  // namespace vigil
