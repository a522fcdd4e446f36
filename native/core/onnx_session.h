#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/onnx_library.h"

namespace vigil {

/// One input or output: name, element type, fixed shape, and the session's own buffer for it.
struct OnnxTensor {
  std::string name;
  onnx::ElementType type = onnx::ElementType::kUndefined;
  std::vector<int64_t> shape;
  size_t elements = 0;
  std::vector<std::byte> bytes;  ///< elements x element size
};

struct OnnxSessionOptions {
  int threads = 1;
  int warmUpRuns = 2;
};

/// A network with preallocated input and output buffers: fill Input(), Run(), read Output(). Graph
/// optimisation `all`, no spinning threads, warmed up at load. Not thread-safe: one session belongs to one
/// thread at a time.
class OnnxSession {
 public:
  /// @throws Error MODEL_MISSING, MODEL_INVALID, MODEL_SHAPE (dynamic dimensions, unsupported element types)
  OnnxSession(std::shared_ptr<OnnxLibrary> library, const std::string& path, OnnxSessionOptions options = {});
  ~OnnxSession();
  OnnxSession(const OnnxSession&) = delete;
  OnnxSession& operator=(const OnnxSession&) = delete;

  const std::vector<OnnxTensor>& inputs() const { return inputs_; }
  const std::vector<OnnxTensor>& outputs() const { return outputs_; }

  /// The float32 buffer of an input or output by name, with its expected shape checked.
  /// @throws Error MODEL_SHAPE naming expected and actual
  std::span<float> FloatInput(const std::string& name, std::span<const int64_t> shape);
  std::span<const float> FloatOutput(const std::string& name, std::span<const int64_t> shape) const;

  std::vector<OnnxTensor>& mutableInputs() { return inputs_; }

  /// Blocking, on the caller's thread; allocates nothing of ours. @throws Error INFERENCE_FAILED
  void Run();

 private:
  void Release() noexcept;
  void Describe(bool input, size_t index, OnnxTensor& tensor) const;
  void Bind(std::vector<OnnxTensor>& tensors, std::vector<onnx::Value*>& values,
            std::vector<const char*>& names);
  const OnnxTensor& Find(const std::vector<OnnxTensor>& tensors, const std::string& name,
                         std::span<const int64_t> shape) const;

  std::shared_ptr<OnnxLibrary> library_;
  std::string path_;
  onnx::Session* session_ = nullptr;
  onnx::MemoryInfo* memory_ = nullptr;
  std::vector<OnnxTensor> inputs_;
  std::vector<OnnxTensor> outputs_;
  std::vector<onnx::Value*> inputValues_;
  std::vector<onnx::Value*> outputValues_;
  std::vector<const char*> inputNames_;
  std::vector<const char*> outputNames_;
};

size_t ElementSize(onnx::ElementType type);
const char* ElementName(onnx::ElementType type);

}  // namespace vigil
