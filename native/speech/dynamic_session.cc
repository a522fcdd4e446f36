#include "speech/dynamic_session.h"

#include <algorithm>
#include <filesystem>

#include "core/error.h"

namespace vigil {

TensorView FloatTensor(const char* name, std::span<float> values, std::initializer_list<int64_t> shape) {
  TensorView view;
  view.name = name;
  view.data = values.data();
  view.bytes = values.size_bytes();
  view.rank = shape.size();
  std::copy(shape.begin(), shape.end(), view.shape.begin());
  return view;
}

DynamicSession::DynamicSession(std::shared_ptr<OnnxLibrary> library, const std::string& path)
    : library_(std::move(library)), path_(path) {
  const onnx::Api& api = library_->api();
  if (!std::filesystem::is_regular_file(path)) {
    throw Error("MODEL_MISSING", "Expected a model at " + path + " but there is no such file.",
                "Run `vigil models build`.");
  }
  const std::string what = "Loading the model " + path;
  const auto check = [&](onnx::Status* status) {
    library_->Check(status, "MODEL_INVALID", what, "Rebuild the models with `vigil models build --force`.");
  };
  onnx::SessionOptions* raw = nullptr;
  check(api.CreateSessionOptions(&raw));
  const auto release = [&api](onnx::SessionOptions* p) { api.Release(p); };
  const std::unique_ptr<onnx::SessionOptions, decltype(release)> settings(raw, release);
  check(api.SetGraphOptimisation(raw, onnx::kOptimiseAll));
  check(api.SetIntraOpThreads(raw, 1));
  check(api.SetInterOpThreads(raw, 1));
  check(api.AddConfigEntry(raw, "session.intra_op.allow_spinning", "0"));
  check(api.AddConfigEntry(raw, "session.inter_op.allow_spinning", "0"));
  check(api.AddConfigEntry(raw, "session.disable_quant_qdq", "1"));
  check(api.CreateSession(library_->env(), path.c_str(), raw, &session_));
  try {
    check(api.CreateCpuMemoryInfo(onnx::kDeviceAllocator, onnx::kMemDefault, &memory_));
  } catch (...) {
    Release();  // a constructor that throws gets no destructor
    throw;
  }
}

DynamicSession::~DynamicSession() { Release(); }

void DynamicSession::Release() noexcept {
  const onnx::Api& api = library_->api();
  if (memory_ != nullptr) api.Release(memory_);
  if (session_ != nullptr) api.Release(session_);
  memory_ = nullptr;
  session_ = nullptr;
}

void DynamicSession::Drop(std::vector<onnx::Value*>& values) noexcept {
  for (onnx::Value* value : values) library_->api().Release(value);
  values.clear();
}

void DynamicSession::Wrap(std::span<const TensorView> tensors, std::vector<const char*>& names,
                          std::vector<onnx::Value*>& values) {
  names.clear();
  for (const TensorView& tensor : tensors) {
    names.push_back(tensor.name);
    onnx::Value* value = nullptr;
    onnx::Status* status =
        library_->api().CreateTensor(memory_, tensor.data, tensor.bytes, tensor.shape.data(), tensor.rank,
                                     static_cast<int>(tensor.type), &value);
    if (status != nullptr) library_->Check(status, "INFERENCE_FAILED", "Binding a tensor of " + path_);
    values.push_back(value);
  }
}

void DynamicSession::Run(std::span<const TensorView> inputs, std::span<const TensorView> outputs) {
  try {
    Wrap(inputs, inputNames_, inputs_);
    Wrap(outputs, outputNames_, outputs_);
    onnx::Status* status =
        library_->api().Run(session_, nullptr, inputNames_.data(), inputs_.data(), inputs_.size(),
                            outputNames_.data(), outputs_.size(), outputs_.data());
    if (status != nullptr) library_->Check(status, "INFERENCE_FAILED", "Running " + path_);
  } catch (...) {
    Drop(inputs_);
    Drop(outputs_);
    throw;
  }
  Drop(inputs_);
  Drop(outputs_);
}

}  // namespace vigil
