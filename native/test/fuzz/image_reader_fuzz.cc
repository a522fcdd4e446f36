// Camera frames of every format, damaged and whole: an image has the size it was announced with or is
// refused, and a damaged one never harms the next.
#include <fuzzer/FuzzedDataProvider.h>
#include <turbojpeg.h>

#include <vector>

#include "core/error.h"
#include "test/fuzz/expect.h"
#include "vision/image_reader.h"

using vigil::CameraFrame;
using vigil::Error;
using vigil::ImageReader;
using vigil::PixelFormat;
using vigil::RgbImage;
using vigil::fuzz::Expect;

namespace {

constexpr int kSide = 32;
/// A few bytes can announce 64 megapixels; decoding those finds nothing that fewer do not.
constexpr int kMostPixels = 256 * 1024;

CameraFrame Sound() {
  std::vector<uint8_t> rgb(size_t{kSide} * kSide * 3);
  for (size_t i = 0; i < rgb.size(); ++i) rgb[i] = static_cast<uint8_t>(i * 7);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  tjhandle handle = tjInitCompress();
  Expect(tjCompress2(handle, rgb.data(), kSide, 0, kSide, TJPF_RGB, &bytes, &size, TJSAMP_420, 90, 0) == 0,
         "the reference image compresses");
  CameraFrame frame;
  frame.bytes.assign(bytes, bytes + size);
  tjFree(bytes);
  tjDestroy(handle);
  return frame;
}

/// True when the frame was read.
bool Read(ImageReader& reader, CameraFrame& frame, int reduction, RgbImage& image) {
  try {
    reader.ReadSize(frame);
    if (static_cast<int64_t>(frame.width) * frame.height > kMostPixels) return false;
    reader.Read(frame, reduction, image);
    return true;
  } catch (const Error& error) {
    Expect(error.code() == "IMAGE_DAMAGED" || error.code() == "IMAGE_SIZE", "errors have a known code");
    return false;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  static ImageReader reader;
  static CameraFrame sound = Sound();
  FuzzedDataProvider input(bytes, size);
  CameraFrame frame;
  frame.format = static_cast<PixelFormat>(input.ConsumeIntegralInRange(0, 3));
  const int reduction = 1 << input.ConsumeIntegralInRange(0, 3);
  if (frame.format != PixelFormat::kJpeg) {
    frame.width = input.ConsumeIntegralInRange(-1, 300);
    frame.height = input.ConsumeIntegralInRange(-1, 300);
  }
  frame.bytes = input.ConsumeRemainingBytes<uint8_t>();
  // Pixels of no format fit by chance: they are filled up to where they should.
  if (frame.format != PixelFormat::kJpeg && frame.width > 0 && frame.height > 0 &&
      frame.bytes.size() % 2 == 0) {
    const size_t perPixel = frame.format == PixelFormat::kRgb    ? 3
                            : frame.format == PixelFormat::kGrey ? 1
                                                                 : 2;
    frame.bytes.resize(static_cast<size_t>(frame.width) * static_cast<size_t>(frame.height) * perPixel);
  }
  RgbImage image;
  if (Read(reader, frame, reduction, image)) {
    const int divisor = frame.format == PixelFormat::kJpeg ? reduction : 1;
    Expect(image.width == (frame.width + divisor - 1) / divisor, "the width is the announced one, reduced");
    Expect(image.height == (frame.height + divisor - 1) / divisor,
           "the height is the announced one, reduced");
    Expect(image.pixels.size() >= static_cast<size_t>(image.width) * static_cast<size_t>(image.height) * 3,
           "every pixel is there");
  }
  Expect(Read(reader, sound, 1, image) && image.width == kSide, "a sound image is read after a damaged one");
  return 0;
}
