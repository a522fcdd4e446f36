#include "vision/image_reader.h"

#include <turbojpeg.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "core/error.h"

namespace vigil {

namespace {

void CheckSize(int width, int height) {
  if (width < kMinImageSide || height < kMinImageSide || width > kMaxImageSide || height > kMaxImageSide) {
    throw Error("IMAGE_SIZE", "Expected an image of 16 to 8192 pixels a side but it is " +
                                  std::to_string(width) + " x " + std::to_string(height) + ".");
  }
}

void CheckBytes(const CameraFrame& frame, size_t bytesPerPixel) {
  const size_t expected =
      static_cast<size_t>(frame.width) * static_cast<size_t>(frame.height) * bytesPerPixel;
  if (frame.bytes.size() != expected) {
    throw Error("IMAGE_DAMAGED", "Expected " + std::to_string(expected) + " bytes of pixels but received " +
                                     std::to_string(frame.bytes.size()) + ".");
  }
}

uint8_t Clamp8(int value) { return static_cast<uint8_t>(std::clamp(value, 0, 255)); }

void GreyToRgb(const CameraFrame& frame, RgbImage& image) {
  uint8_t* out = image.pixels.data();
  for (const uint8_t luma : frame.bytes) {
    out[0] = out[1] = out[2] = luma;
    out += 3;
  }
}

// Full-range BT.601 in 16.16 fixed point, as USB cameras deliver it (and JPEG defines it).
void YuyvToRgb(const CameraFrame& frame, RgbImage& image) {
  const uint8_t* in = frame.bytes.data();
  uint8_t* out = image.pixels.data();
  const size_t pairs = frame.bytes.size() / 4;
  for (size_t i = 0; i < pairs; ++i, in += 4, out += 6) {
    const int u = in[1] - 128;
    const int v = in[3] - 128;
    const int red = (91881 * v + 32768) >> 16;
    const int green = (-22554 * u - 46802 * v + 32768) >> 16;
    const int blue = (116130 * u + 32768) >> 16;
    for (size_t k = 0; k < 2; ++k) {
      const int luma = in[2 * k];
      out[3 * k] = Clamp8(luma + red);
      out[3 * k + 1] = Clamp8(luma + green);
      out[3 * k + 2] = Clamp8(luma + blue);
    }
  }
}

}  // namespace

struct ImageReader::Decompressor {
  Decompressor() { Open(); }
  ~Decompressor() { tjDestroy(handle); }
  Decompressor(const Decompressor&) = delete;
  Decompressor& operator=(const Decompressor&) = delete;

  /// libjpeg-turbo 2.1 leaves a decoder in the middle of the header that it failed to read, and reads the
  /// next image's header as its continuation: one damaged frame would make every later one unreadable. So the
  /// decoder is thrown away with the frame.
  [[noreturn]] void Fail() {
    const std::string reason = handle == nullptr ? "no decoder" : tjGetErrorStr2(handle);
    tjDestroy(std::exchange(handle, nullptr));
    Open();
    throw Error("IMAGE_DAMAGED", "Expected a whole JPEG image but it is damaged: " + reason + ".");
  }

  tjhandle handle = nullptr;

 private:
  void Open() {
    handle = tjInitDecompress();
    if (handle == nullptr) throw Error("OUT_OF_MEMORY", "Expected a JPEG decoder but none could be made.");
  }
};

ImageReader::ImageReader() : jpeg_(std::make_unique<Decompressor>()) {}
ImageReader::~ImageReader() = default;

void ImageReader::ReadSize(CameraFrame& frame) {
  if (frame.format == PixelFormat::kJpeg) {
    int subsampling = 0;
    int colourspace = 0;
    if (tjDecompressHeader3(jpeg_->handle, frame.bytes.data(), frame.bytes.size(), &frame.width,
                            &frame.height, &subsampling, &colourspace) != 0) {
      jpeg_->Fail();
    }
    // Tables without a picture are a JPEG file too.
    if (frame.width == 0 || frame.height == 0) {
      throw Error("IMAGE_DAMAGED", "Expected a whole JPEG image but it holds no picture.");
    }
  }
  CheckSize(frame.width, frame.height);
}

void ImageReader::Read(const CameraFrame& frame, int reduction, RgbImage& image) {
  const bool reduced = frame.format == PixelFormat::kJpeg && reduction > 1;
  const tjscalingfactor factor{1, reduced ? reduction : 1};
  image.width = TJSCALED(frame.width, factor);
  image.height = TJSCALED(frame.height, factor);
  image.scale = 1.0 / factor.denom;
  image.pixels.resize(static_cast<size_t>(image.width) * static_cast<size_t>(image.height) * 3);
  switch (frame.format) {
    case PixelFormat::kJpeg:
      // Warnings (a truncated scan, a corrupt marker) fail too. A progressive file of very many scans would
      // take minutes.
      if (tjDecompress2(jpeg_->handle, frame.bytes.data(), frame.bytes.size(), image.pixels.data(),
                        image.width, 0, image.height, TJPF_RGB,
                        TJFLAG_FASTUPSAMPLE | TJFLAG_LIMITSCANS) != 0) {
        jpeg_->Fail();
      }
      break;
    case PixelFormat::kRgb:
      CheckBytes(frame, 3);
      std::memcpy(image.pixels.data(), frame.bytes.data(), frame.bytes.size());
      break;
    case PixelFormat::kGrey:
      CheckBytes(frame, 1);
      GreyToRgb(frame, image);
      break;
    case PixelFormat::kYuyv:
      if (frame.width % 2 != 0) throw Error("IMAGE_SIZE", "Expected an even width for YUYV pixels.");
      CheckBytes(frame, 2);
      YuyvToRgb(frame, image);
      break;
  }
}

}  // namespace vigil
