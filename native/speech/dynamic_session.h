#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/onnx_library.h"

namespace vigil {

/// A tensor in the caller's memory, for one run. `name` must outlive the run.
struct TensorView {
  const char* name = nullptr;
  onnx::ElementType type = onnx::ElementType::kFloat32;
  void* data = nullptr;
  size_t bytes = 0;
  std::array<int64_t, 4> shape{};
  size_t rank = 0;
};

/// `values` must hold as many elements as the shape says.
TensorView FloatTensor(const char* name, std::span<float> values, std::initializer_list<int64_t> shape);

/// A network whose shapes change from run to run: every run brings its own inputs and outputs, both in the
/// caller's memory. OnnxSession is for fixed shapes. Not thread-safe.
class DynamicSession {
 public:
  /// One thread, no spinning. Weights that the file keeps quantised are widened once, at load, not in every
  /// run. @throws Error MODEL_MISSING, MODEL_INVALID
  DynamicSession(std::shared_ptr<OnnxLibrary> library, const std::string& path);
  ~DynamicSession();
  DynamicSession(const DynamicSession&) = delete;
  DynamicSession& operator=(const DynamicSession&) = delete;

  /// Blocking. Shapes of the outputs must be what the network gives. @throws Error INFERENCE_FAILED
  void Run(std::span<const TensorView> inputs, std::span<const TensorView> outputs);

 private:
  void Release() noexcept;
  void Wrap(std::span<const TensorView> tensors, std::vector<const char*>& names,
            std::vector<onnx::Value*>& values);
  void Drop(std::vector<onnx::Value*>& values) noexcept;

  std::shared_ptr<OnnxLibrary> library_;
  std::string path_;
  onnx::Session* session_ = nullptr;
  onnx::MemoryInfo* memory_ = nullptr;
  // Kept from run to run for their memory only.
  std::vector<const char*> inputNames_, outputNames_;
  std::vector<onnx::Value*> inputs_, outputs_;
};

}  // namespace vigil
