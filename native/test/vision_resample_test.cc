#include <doctest/doctest.h>

#include <algorithm>

#include "test/vision_face.h"
#include "vision/resample.h"

using doctest::Approx;
using vigil::CropRegion;
using vigil::FitSquare;
using vigil::Letterbox;
using vigil::Region;
using vigil::RgbImage;
using vigil::test::kRadians;

namespace {

RgbImage Image(int width, int height) {
  RgbImage image;
  image.width = width;
  image.height = height;
  image.pixels.resize(static_cast<size_t>(width) * static_cast<size_t>(height) * 3);
  return image;
}

RgbImage Noise(int width, int height, unsigned seed) {
  RgbImage image = Image(width, height);
  std::mt19937 random(seed);
  for (uint8_t& value : image.pixels) value = static_cast<uint8_t>(random());
  return image;
}

double At(const RgbImage& image, int x, int y, int c) {
  return image
      .pixels[(static_cast<size_t>(y) * static_cast<size_t>(image.width) + static_cast<size_t>(x)) * 3 +
              static_cast<size_t>(c)];
}

std::vector<float> Square(int side) {
  return std::vector<float>(static_cast<size_t>(side * side * 3), -99.0F);
}

float At(const std::vector<float>& square, int side, int x, int y, int c) {
  const auto pixel = static_cast<size_t>(y) * static_cast<size_t>(side) + static_cast<size_t>(x);
  return square[pixel * 3 + static_cast<size_t>(c)];
}

/// What CropRegion promises, in double and pixel by pixel.
double Bilinear(const RgbImage& image, double x, double y, int c) {
  x = std::clamp(x, 0.0, image.width - 1.0);
  y = std::clamp(y, 0.0, image.height - 1.0);
  const int x0 = std::min(static_cast<int>(x), image.width - 2),
            y0 = std::min(static_cast<int>(y), image.height - 2);
  const double a = x - x0, b = y - y0;
  return (1 - b) * ((1 - a) * At(image, x0, y0, c) + a * At(image, x0 + 1, y0, c)) +
         b * ((1 - a) * At(image, x0, y0 + 1, c) + a * At(image, x0 + 1, y0 + 1, c));
}

}  // namespace

TEST_CASE("fit square: halves by averaging, bars are black") {
  RgbImage image = Image(256, 128);
  for (int y = 0; y < 128; ++y) {
    for (int x = 0; x < 256; ++x) {
      uint8_t* p = &image.pixels[(static_cast<size_t>(y) * 256 + static_cast<size_t>(x)) * 3];
      p[0] = static_cast<uint8_t>(x % 2 == 0 ? 10 : 20);
      p[1] = static_cast<uint8_t>(y % 2 == 0 ? 100 : 103);
      p[2] = static_cast<uint8_t>(x / 2);
    }
  }
  auto out = Square(128);
  const Letterbox fit = FitSquare(image, 128, 0, 255, out);
  CHECK(fit.scale == Approx(0.5));
  CHECK(fit.offsetX == 0);
  CHECK(fit.offsetY == 32);
  CHECK(fit.picture.left == 0);
  CHECK(fit.picture.top == 32);
  CHECK(fit.picture.width == 128);
  CHECK(fit.picture.height == 64);
  for (int x = 0; x < 128; ++x) {
    for (int c = 0; c < 3; ++c) {
      CHECK(At(out, 128, x, 31, c) == 0);
      CHECK(At(out, 128, x, 96, c) == 0);
    }
    CHECK(At(out, 128, x, 32, 0) == Approx(15));
    CHECK(At(out, 128, x, 95, 1) == Approx(101.5));
    CHECK(At(out, 128, x, 60, 2) == Approx(x));
  }
}

TEST_CASE("fit square: area average of any size, in any range") {
  constexpr int kSide = 128;
  struct Size {
    int width, height;
  };
  for (const auto [width, height] : {Size{640, 480}, Size{480, 640}, Size{129, 128}, Size{37, 53},
                                     Size{16, 16}, Size{8192, 16}, Size{16, 8192}, Size{333, 257}}) {
    const RgbImage image = Noise(width, height, static_cast<unsigned>(width));
    auto out = Square(kSide);
    const Letterbox fit = FitSquare(image, kSide, -1, 1, out);
    const auto& p = fit.picture;
    CHECK(std::max(p.width, p.height) == kSide);
    size_t wrong = 0;
    for (int y = 0; y < kSide; ++y) {
      for (int x = 0; x < kSide; ++x) {
        const int u = x - p.left, v = y - p.top;
        for (int c = 0; c < 3; ++c) {
          double expected = -1;
          if (u >= 0 && v >= 0 && u < p.width && v < p.height) {
            const int x0 = u * width / p.width, x1 = std::max(x0 + 1, (u + 1) * width / p.width);
            const int y0 = v * height / p.height, y1 = std::max(y0 + 1, (v + 1) * height / p.height);
            double sum = 0;
            for (int j = y0; j < y1; ++j) {
              for (int i = x0; i < x1; ++i) sum += At(image, i, j, c);
            }
            expected = 2 * sum / ((x1 - x0) * (y1 - y0)) / 255 - 1;
          }
          if (std::abs(At(out, kSide, x, y, c) - expected) > 1e-5) ++wrong;
        }
      }
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("fit square: a reduced image maps back to the full size") {
  RgbImage image = Noise(320, 240, 1);
  image.scale = 0.5;
  auto out = Square(128);
  const Letterbox fit = FitSquare(image, 128, -1, 1, out);
  // The lower right corner of the picture is the lower right corner of the full-size image.
  CHECK((128 - fit.offsetX) / fit.scale == Approx(640));
  CHECK((128 - 16 - fit.offsetY) / fit.scale == Approx(480));
}

TEST_CASE("crop: a square of whole pixels is copied as it is") {
  const RgbImage image = Noise(64, 48, 3);
  auto out = Square(16);
  CropRegion(image, {20, 24, 16, 0}, 16, out);
  for (int y = 0; y < 16; ++y) {
    for (int x = 0; x < 16; ++x) {
      for (int c = 0; c < 3; ++c)
        CHECK(At(out, 16, x, y, c) == Approx(At(image, 12 + x, 16 + y, c) / 255).epsilon(1e-6));
    }
  }
}

TEST_CASE("crop: turned by a quarter, the square's x runs down the image") {
  const RgbImage image = Noise(64, 48, 4);
  auto out = Square(16);
  CropRegion(image, {20, 24, 16, 90 * kRadians}, 16, out);
  for (int y = 0; y < 16; ++y) {
    for (int x = 0; x < 16; ++x) {
      for (int c = 0; c < 3; ++c)
        CHECK(std::abs(At(out, 16, x, y, c) - At(image, 27 - y, 16 + x, c) / 255) < 1e-4);
    }
  }
}

TEST_CASE("crop: edge pixels are repeated outside") {
  const RgbImage image = Noise(32, 32, 5);
  auto out = Square(8);
  struct Corner {
    double x, y;
    int column, row;
  };
  for (const auto& [x, y, column, row] :
       {Corner{-50, -50, 0, 0}, Corner{90, -50, 31, 0}, Corner{-50, 90, 0, 31}, Corner{90, 90, 31, 31}}) {
    CropRegion(image, {x, y, 20, 0.3}, 8, out);
    for (size_t i = 0; i < out.size(); ++i) {
      // The last row and column are met to a thousandth of a pixel.
      CHECK(std::abs(out[i] - At(image, column, row, static_cast<int>(i % 3)) / 255) < 0.003);
    }
  }
}

TEST_CASE("crop: bilinear for any region, side and reduction") {
  std::mt19937 random(6);
  std::uniform_real_distribution<double> uniform(0, 1);
  for (const int side : {1, 2, 3, 5, 8, 31, 192}) {
    RgbImage image = Noise(40 + side, 57, static_cast<unsigned>(side));
    for (const double scale : {1.0, 0.5, 0.125}) {
      image.scale = scale;
      const Region region{uniform(random) * image.width / scale, uniform(random) * image.height / scale,
                          (5 + 80 * uniform(random)) / scale, 6.28 * uniform(random)};
      auto out = Square(side);
      CropRegion(image, region, side, out);
      double worst = 0;
      for (int y = 0; y < side; ++y) {
        for (int x = 0; x < side; ++x) {
          const double u = (x + 0.5 - side / 2.0) * region.size / side,
                       v = (y + 0.5 - side / 2.0) * region.size / side;
          const double c = std::cos(region.rotation), s = std::sin(region.rotation);
          const double px = (region.centreX + c * u - s * v) * scale - 0.5;
          const double py = (region.centreY + s * u + c * v) * scale - 0.5;
          for (int k = 0; k < 3; ++k)
            worst = std::max(worst, std::abs(At(out, side, x, y, k) - Bilinear(image, px, py, k) / 255));
        }
      }
      CHECK(worst < 0.003);
    }
  }
}

TEST_CASE("crop: the smallest images are read within their bounds") {
  for (const int width : {2, 3}) {
    for (const int height : {2, 3}) {
      const RgbImage image = Noise(width, height, 8);
      auto out = Square(7);
      CropRegion(image, {1, 1, 9, 0.5}, 7, out);
      for (const float value : out) {
        CHECK(value >= 0);
        CHECK(value <= 1.00001F);
      }
    }
  }
}
