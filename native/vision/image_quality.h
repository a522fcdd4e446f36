#pragma once

#include <span>

#include "vision/frame.h"

namespace vigil {

/// Photometry of a square RGB crop: mean luma and its standard deviation in 0 to 1, variance of the
/// 4-neighbour Laplacian in 8-bit steps squared (Pech-Pacheco et al. 2000), share of pixels with luma of
/// 250/255 and more. Measured on the network's own input, so that it does not depend on how far away the face
/// is.
struct ImageQuality {
  double brightness = 0;
  double contrast = 0;
  double sharpness = 0;
  double saturatedShare = 0;
  /// Variance of the Laplacian over that of luma, both of squares of 4 x 4 pixels: free of gain, and nearly
  /// so of the sensor's noise. 0.3 and more on a sharp face, 0.1 and less behind a blur of a tenth of the
  /// eyes' distance.
  double detail = 0;
};

/// Values are `low` (black) to `high` (white). Belongs to one thread per `luma` scratch of side x side.
ImageQuality MeasureQuality(std::span<const float> rgb, int side, float low, float high,
                            std::span<float> luma);

/// The same over a part of the square: the picture in a letterbox without its black bars.
ImageQuality MeasureQuality(std::span<const float> rgb, int side, const PixelWindow& window, float low,
                            float high, std::span<float> luma);

}  // namespace vigil
