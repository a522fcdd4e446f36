#pragma once

#include <memory>
#include <string>

#include "core/onnx_api.h"

namespace vigil {

/// The ONNX Runtime shared library, opened once per path and shared by every session; closed with the last.
class OnnxLibrary {
 public:
  /// @throws Error ONNX_LIBRARY_MISSING, ONNX_LIBRARY_UNUSABLE (names the library's version)
  static std::shared_ptr<OnnxLibrary> Open(const std::string& path);

  ~OnnxLibrary();
  OnnxLibrary(const OnnxLibrary&) = delete;
  OnnxLibrary& operator=(const OnnxLibrary&) = delete;

  const onnx::Api& api() const { return api_; }
  onnx::Env* env() const { return env_; }
  const std::string& version() const { return version_; }

  /// Turns a status into Error `code`; `what` says what was attempted, `advice` what to do about it.
  void Check(onnx::Status* status, const char* code, const std::string& what, const char* advice = "") const;

 private:
  OnnxLibrary(const void* table, std::string version);

  onnx::Api api_;
  onnx::Env* env_ = nullptr;
  std::string version_;
};

}  // namespace vigil
