#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace vigil::test {

/// The checkout's top folder.
inline std::filesystem::path SourceFolder() { return VIGIL_SOURCE_FOLDER; }

/// The ONNX Runtime library that onnxruntime-node installed for this machine's architecture.
inline std::string OnnxRuntimeLibrary() {
#if defined(__aarch64__)
  constexpr const char* kArchitecture = "arm64";
#else
  constexpr const char* kArchitecture = "x64";
#endif
  return SourceFolder() / "node_modules/onnxruntime-node/bin/napi-v6/linux" / kArchitecture /
         "libonnxruntime.so.1";
}

/// Where `vigil models build` puts the models; VIGIL_MODELS moves it.
inline std::filesystem::path ModelsFolder() {
  if (const char* moved = std::getenv("VIGIL_MODELS")) return moved;
  return SourceFolder() / "build/models";
}

/// A file that is gone with the object.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& content) {
    std::string pattern = std::filesystem::temp_directory_path() / "vigil-test-XXXXXX";
    const int descriptor = mkstemp(pattern.data());
    if (descriptor >= 0) close(descriptor);
    path_ = pattern;
    std::ofstream(path_, std::ios::binary) << content;
  }
  ~TemporaryFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  std::string path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace vigil::test
