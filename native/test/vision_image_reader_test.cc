#include <doctest/doctest.h>
#include <turbojpeg.h>

#include <algorithm>
#include <string>

#include "core/error.h"
#include "test/allocations.h"
#include "test/vision_face.h"
#include "vision/image_reader.h"

using vigil::CameraFrame;
using vigil::Error;
using vigil::ImageReader;
using vigil::PixelFormat;
using vigil::RgbImage;

namespace {

struct JpegOptions {
  int subsampling = TJSAMP_420;
  int quality = 90;
  bool progressive = false;
};

/// A smooth picture, so that decoded values stay near the original's.
std::vector<uint8_t> Picture(int width, int height) {
  std::vector<uint8_t> rgb;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      rgb.push_back(static_cast<uint8_t>(60 + 120 * x / width));
      rgb.push_back(static_cast<uint8_t>(40 + 160 * y / height));
      rgb.push_back(static_cast<uint8_t>(200 - 100 * (x + y) / (width + height)));
    }
  }
  return rgb;
}

CameraFrame Jpeg(const std::vector<uint8_t>& rgb, int width, int height, JpegOptions options = {}) {
  tjhandle handle = tjInitCompress();
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  const int status =
      tjCompress2(handle, rgb.data(), width, 0, height, TJPF_RGB, &bytes, &size, options.subsampling,
                  options.quality, options.progressive ? TJFLAG_PROGRESSIVE : 0);
  REQUIRE(status == 0);
  CameraFrame frame;
  frame.bytes.assign(bytes, bytes + size);
  tjFree(bytes);
  tjDestroy(handle);
  return frame;
}

CameraFrame Jpeg(int width, int height, JpegOptions options = {}) {
  return Jpeg(Picture(width, height), width, height, options);
}

CameraFrame Raw(PixelFormat format, int width, int height, std::vector<uint8_t> bytes) {
  CameraFrame frame;
  frame.format = format;
  frame.width = width;
  frame.height = height;
  frame.bytes = std::move(bytes);
  return frame;
}

RgbImage Read(CameraFrame frame, int reduction = 1) {
  ImageReader reader;
  RgbImage image;
  reader.ReadSize(frame);
  reader.Read(frame, reduction, image);
  return image;
}

/// The code of the error that reading the frame ends in; empty when it is read.
std::string Refusal(CameraFrame frame) {
  try {
    Read(std::move(frame));
  } catch (const Error& error) {
    CHECK_FALSE(std::string(error.what()).empty());
    return error.code();
  }
  return "";
}

int WorstDifference(const std::vector<uint8_t>& a, const std::vector<uint8_t>& b) {
  REQUIRE(a.size() == b.size());
  int worst = 0;
  for (size_t i = 0; i < a.size(); ++i) worst = std::max(worst, std::abs(a[i] - b[i]));
  return worst;
}

}  // namespace

TEST_CASE("image reader: RGB is taken as it is") {
  const auto rgb = Picture(20, 16);
  const RgbImage image = Read(Raw(PixelFormat::kRgb, 20, 16, rgb), 4);
  CHECK(image.width == 20);
  CHECK(image.height == 16);
  CHECK(image.scale == 1);  // raw pixels are never reduced
  CHECK(image.pixels == rgb);
}

TEST_CASE("image reader: grey becomes equal red, green and blue") {
  std::vector<uint8_t> grey(256);
  for (size_t i = 0; i < grey.size(); ++i) grey[i] = static_cast<uint8_t>(i);
  const RgbImage image = Read(Raw(PixelFormat::kGrey, 16, 16, grey));
  for (size_t i = 0; i < grey.size(); ++i) {
    for (size_t c = 0; c < 3; ++c) CHECK(image.pixels[3 * i + c] == grey[i]);
  }
}

TEST_CASE("image reader: YUYV in full-range BT.601") {
  struct Case {
    uint8_t y, u, v;
    std::array<uint8_t, 3> rgb;
  };
  // The primaries' codes from the standard's matrix; what falls outside is clamped.
  for (const Case& known : {Case{0, 128, 128, {0, 0, 0}},
                            {255, 128, 128, {255, 255, 255}},
                            {77, 128, 128, {77, 77, 77}},
                            {76, 85, 255, {254, 0, 0}},
                            {150, 44, 21, {0, 255, 1}},
                            {29, 255, 107, {0, 0, 254}},
                            {250, 255, 255, {255, 115, 255}},
                            {5, 0, 0, {0, 140, 0}}}) {
    std::vector<uint8_t> bytes;
    for (int i = 0; i < 16 * 16 / 2; ++i) bytes.insert(bytes.end(), {known.y, known.u, known.y, known.v});
    const RgbImage image = Read(Raw(PixelFormat::kYuyv, 16, 16, bytes));
    for (size_t i = 0; i < image.pixels.size(); ++i) {
      CAPTURE(static_cast<int>(known.y));
      CHECK(std::abs(image.pixels[i] - known.rgb[i % 3]) <= 1);
    }
  }
}

TEST_CASE("image reader: the two pixels of a YUYV pair keep their own luma") {
  std::vector<uint8_t> bytes;
  for (int i = 0; i < 16 * 16 / 2; ++i) bytes.insert(bytes.end(), {10, 128, 200, 128});
  const RgbImage image = Read(Raw(PixelFormat::kYuyv, 16, 16, bytes));
  CHECK(image.pixels[0] == 10);
  CHECK(image.pixels[3] == 200);
}

TEST_CASE("image reader: JPEG of every common kind") {
  const auto rgb = Picture(64, 48);
  for (const int subsampling : {TJSAMP_444, TJSAMP_422, TJSAMP_420}) {
    for (const bool progressive : {false, true}) {
      const RgbImage image = Read(Jpeg(rgb, 64, 48, {subsampling, 95, progressive}));
      CHECK(image.width == 64);
      CHECK(image.height == 48);
      CHECK(WorstDifference(image.pixels, rgb) <= 8);
    }
  }
  const RgbImage grey = Read(Jpeg(rgb, 64, 48, {TJSAMP_GRAY, 95, false}));
  for (size_t i = 0; i < grey.pixels.size(); i += 3) {
    CHECK(grey.pixels[i] == grey.pixels[i + 1]);
    CHECK(grey.pixels[i] == grey.pixels[i + 2]);
  }
}

TEST_CASE("image reader: a JPEG decodes straight to a fraction of its size, rounded up") {
  const CameraFrame frame = Jpeg(130, 97, {TJSAMP_444, 95, false});
  for (const int reduction : {1, 2, 4, 8}) {
    const RgbImage image = Read(frame, reduction);
    CHECK(image.width == (130 + reduction - 1) / reduction);
    CHECK(image.height == (97 + reduction - 1) / reduction);
    CHECK(image.scale == 1.0 / reduction);
    // The middle shows what the middle of the picture shows.
    const size_t middle = static_cast<size_t>((image.height / 2) * image.width + image.width / 2) * 3;
    CHECK(std::abs(image.pixels[middle] - 120) <= 6);
    CHECK(std::abs(image.pixels[middle + 1] - 120) <= 10);
  }
}

TEST_CASE("image reader: sizes from 16 to 8192 only") {
  const auto raw = [](int width, int height) {
    return Raw(PixelFormat::kGrey, width, height,
               std::vector<uint8_t>(static_cast<size_t>(width) * static_cast<size_t>(height)));
  };
  CHECK(Refusal(raw(16, 8192)).empty());
  CHECK(Refusal(raw(8192, 16)).empty());
  for (const auto& [width, height] : {std::pair{15, 100}, {100, 15}, {8193, 16}, {16, 8193}, {0, 0}}) {
    CHECK(Refusal(raw(width, height)) == "IMAGE_SIZE");
    if (width > 0) CHECK(Refusal(Jpeg(width, height)) == "IMAGE_SIZE");
  }
  CHECK(Refusal(Jpeg(16, 16)).empty());
  CHECK(Refusal(Jpeg(8192, 16)).empty());
}

TEST_CASE("image reader: raw pixels of another number than width and height say are refused") {
  for (const auto& [format, bytesPerPixel] :
       {std::pair{PixelFormat::kRgb, size_t{3}}, {PixelFormat::kGrey, 1}, {PixelFormat::kYuyv, 2}}) {
    const size_t size = 320 * bytesPerPixel;
    CHECK(Refusal(Raw(format, 20, 16, std::vector<uint8_t>(size))).empty());
    CHECK(Refusal(Raw(format, 20, 16, std::vector<uint8_t>(size - 1))) == "IMAGE_DAMAGED");
    CHECK(Refusal(Raw(format, 20, 16, std::vector<uint8_t>(size + 1))) == "IMAGE_DAMAGED");
    CHECK(Refusal(Raw(format, 20, 16, {})) == "IMAGE_DAMAGED");
  }
  CHECK(Refusal(Raw(PixelFormat::kYuyv, 17, 16, std::vector<uint8_t>(544))) == "IMAGE_SIZE");
}

TEST_CASE("image reader: a JPEG cut off anywhere is refused") {
  for (const bool progressive : {false, true}) {
    const CameraFrame whole = Jpeg(48, 40, {TJSAMP_420, 85, progressive});
    size_t taken = 0;
    for (size_t length = 0; length < whole.bytes.size(); ++length) {
      CameraFrame cut = whole;
      cut.bytes.resize(length);
      if (Refusal(cut) != "IMAGE_DAMAGED") ++taken;
    }
    CHECK(taken == 0);
  }
}

TEST_CASE("image reader: after any damaged frame the next good one is read") {
  ImageReader reader;
  RgbImage image;
  CameraFrame good = Jpeg(32, 32);
  const auto readsGood = [&] {
    reader.ReadSize(good);
    reader.Read(good, 1, image);
    return WorstDifference(image.pixels, Picture(32, 32)) <= 12;
  };
  for (const std::string& text : {std::string(), std::string("not a picture"), std::string(5000, '\0')}) {
    CameraFrame bad;
    bad.bytes.assign(text.begin(), text.end());
    CHECK_THROWS_AS(reader.ReadSize(bad), Error);
    CHECK(readsGood());
  }
  // libjpeg-turbo's decoder does not survive a damaged header by itself.
  for (size_t length = 0; length < good.bytes.size(); ++length) {
    CameraFrame cut = good;
    cut.bytes.resize(length);
    bool damaged = false;
    try {
      reader.ReadSize(cut);
      reader.Read(cut, 1, image);
    } catch (const Error& error) {
      damaged = error.code() == "IMAGE_DAMAGED";
    }
    if (!damaged || !readsGood()) FAIL("cut at " << length);
  }
}

TEST_CASE("image reader: random damage is refused or read, never worse") {
  std::mt19937 random(20);
  const auto below = [&random](size_t limit) { return static_cast<size_t>(random() % limit); };
  std::vector<CameraFrame> seeds;
  for (const int subsampling : {TJSAMP_444, TJSAMP_422, TJSAMP_420, TJSAMP_GRAY}) {
    for (const bool progressive : {false, true})
      seeds.push_back(Jpeg(48, 40, {subsampling, 80, progressive}));
  }
  // A damaged header may claim any size; what is larger than this is left out to keep the test quick.
  constexpr int kLargest = 1 << 20;
  constexpr size_t kHeaderBytes = 640;
  ImageReader reader;
  RgbImage image;
  size_t read = 0;
  size_t refused = 0;
  for (int round = 0; round < 4000; ++round) {
    CameraFrame frame = seeds[below(seeds.size())];
    auto& bytes = frame.bytes;
    // Half of the damage goes to the header, where tables, sizes and marker lengths are.
    const size_t reach = round % 2 == 0 ? std::min(bytes.size(), kHeaderBytes) : bytes.size();
    for (size_t hits = 1 + below(8); hits > 0; --hits) {
      const size_t at = below(std::min(reach, bytes.size()));
      const auto place = bytes.begin() + static_cast<std::ptrdiff_t>(at);
      switch (below(4)) {
        case 0:
          *place = static_cast<uint8_t>(random());
          break;
        case 1:
          *place = static_cast<uint8_t>(*place ^ (1U << below(8)));
          break;
        case 2:
          bytes.erase(place);
          break;
        default:
          bytes.insert(place, 1 + below(5), static_cast<uint8_t>(below(2) == 0 ? 0xFF : random()));
          break;
      }
    }
    try {
      reader.ReadSize(frame);
      if (frame.width * frame.height > kLargest) continue;
      const int reduction = 1 << below(4);
      reader.Read(frame, reduction, image);
      CHECK(image.width == (frame.width + reduction - 1) / reduction);
      CHECK(image.pixels.size() == static_cast<size_t>(image.width * image.height * 3));
      ++read;
    } catch (const Error& error) {
      if (error.code() != "IMAGE_DAMAGED") CHECK(error.code() == "IMAGE_SIZE");
      ++refused;
    }
  }
  CHECK(read > 100);
  CHECK(refused > 1000);
}

TEST_CASE("image reader: nothing of ours is allocated for a frame after the first") {
  ImageReader reader;
  RgbImage image;
  CameraFrame frame = Jpeg(640, 480);
  const auto readOnce = [&] {
    reader.ReadSize(frame);
    reader.Read(frame, 1, image);
    reader.Read(frame, 2, image);
  };
  readOnce();
  const size_t before = vigil::test::AllocationCount();
  for (int i = 0; i < 5; ++i) readOnce();
  CHECK(vigil::test::AllocationCount() == before);
}
