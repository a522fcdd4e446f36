#include "core/onnx_session.h"

#include <algorithm>
#include <filesystem>

#include "core/error.h"

namespace vigil {

namespace {

constexpr const char* kRebuild = "Rebuild the models with `vigil models build --force`.";

std::string ShapeText(std::span<const int64_t> shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text += ',';
    text += std::to_string(shape[i]);
  }
  text += ']';
  return text;
}

}  // namespace

size_t ElementSize(onnx::ElementType type) {
  switch (type) {
    case onnx::ElementType::kUint8:
    case onnx::ElementType::kInt8:
    case onnx::ElementType::kBool:
      return 1;
    case onnx::ElementType::kFloat32:
    case onnx::ElementType::kInt32:
      return 4;
    case onnx::ElementType::kInt64:
    case onnx::ElementType::kFloat64:
      return 8;
    case onnx::ElementType::kUndefined:
      break;
  }
  return 0;
}

const char* ElementName(onnx::ElementType type) {
  switch (type) {
    case onnx::ElementType::kUint8:
      return "uint8";
    case onnx::ElementType::kInt8:
      return "int8";
    case onnx::ElementType::kBool:
      return "bool";
    case onnx::ElementType::kFloat32:
      return "float32";
    case onnx::ElementType::kInt32:
      return "int32";
    case onnx::ElementType::kInt64:
      return "int64";
    case onnx::ElementType::kFloat64:
      return "float64";
    case onnx::ElementType::kUndefined:
      break;
  }
  return "unsupported";
}

OnnxSession::OnnxSession(std::shared_ptr<OnnxLibrary> library, const std::string& path,
                         OnnxSessionOptions options)
    : library_(std::move(library)), path_(path) {
  const onnx::Api& api = library_->api();
  if (!std::filesystem::is_regular_file(path)) {
    throw Error("MODEL_MISSING", "Expected a model at " + path + " but there is no such file.",
                "Run `vigil models build`.");
  }
  const std::string what = "Loading the model " + path;
  const auto check = [&](onnx::Status* status) { library_->Check(status, "MODEL_INVALID", what, kRebuild); };
  onnx::SessionOptions* raw = nullptr;
  check(api.CreateSessionOptions(&raw));
  const auto release = [&api](onnx::SessionOptions* p) { api.Release(p); };
  const std::unique_ptr<onnx::SessionOptions, decltype(release)> settings(raw, release);
  check(api.SetGraphOptimisation(raw, onnx::kOptimiseAll));
  check(api.SetIntraOpThreads(raw, options.threads));
  check(api.SetInterOpThreads(raw, 1));
  // A spinning pool burns a core between frames that the rest of the vehicle needs.
  check(api.AddConfigEntry(raw, "session.intra_op.allow_spinning", "0"));
  check(api.AddConfigEntry(raw, "session.inter_op.allow_spinning", "0"));
  check(api.CreateSession(library_->env(), path.c_str(), raw, &session_));
  try {
    check(api.CreateCpuMemoryInfo(onnx::kDeviceAllocator, onnx::kMemDefault, &memory_));
    size_t inputs = 0;
    size_t outputs = 0;
    check(api.InputCount(session_, &inputs));
    check(api.OutputCount(session_, &outputs));
    inputs_.resize(inputs);
    outputs_.resize(outputs);
    for (size_t i = 0; i < inputs; ++i) Describe(true, i, inputs_[i]);
    for (size_t i = 0; i < outputs; ++i) Describe(false, i, outputs_[i]);
    Bind(inputs_, inputValues_, inputNames_);
    Bind(outputs_, outputValues_, outputNames_);
    for (int i = 0; i < options.warmUpRuns; ++i) Run();
  } catch (...) {
    Release();  // a constructor that throws gets no destructor
    throw;
  }
}

OnnxSession::~OnnxSession() { Release(); }

void OnnxSession::Release() noexcept {
  const onnx::Api& api = library_->api();
  for (onnx::Value* value : inputValues_) api.Release(value);
  for (onnx::Value* value : outputValues_) api.Release(value);
  inputValues_.clear();
  outputValues_.clear();
  if (memory_ != nullptr) api.Release(memory_);
  if (session_ != nullptr) api.Release(session_);
  memory_ = nullptr;
  session_ = nullptr;
}

void OnnxSession::Describe(bool input, size_t index, OnnxTensor& tensor) const {
  const onnx::Api& api = library_->api();
  const std::string what = "Reading the signature of " + path_;
  onnx::Allocator* allocator = nullptr;
  library_->Check(api.DefaultAllocator(&allocator), "MODEL_INVALID", what);
  char* name = nullptr;
  library_->Check(input ? api.InputName(session_, index, allocator, &name)
                        : api.OutputName(session_, index, allocator, &name),
                  "MODEL_INVALID", what);
  tensor.name = name;
  library_->Check(api.AllocatorFree(allocator, name), "MODEL_INVALID", what);

  onnx::TypeInfo* raw = nullptr;
  library_->Check(
      input ? api.InputTypeInfo(session_, index, &raw) : api.OutputTypeInfo(session_, index, &raw),
      "MODEL_INVALID", what);
  const auto release = [&api](onnx::TypeInfo* p) { api.Release(p); };
  const std::unique_ptr<onnx::TypeInfo, decltype(release)> type(raw, release);
  const onnx::TensorInfo* info = nullptr;  // owned by `type`
  library_->Check(api.AsTensorInfo(type.get(), &info), "MODEL_INVALID", what);
  if (info == nullptr)
    throw Error("MODEL_SHAPE", "Expected '" + tensor.name + "' of " + path_ + " to be a tensor.");
  int element = 0;
  size_t rank = 0;
  library_->Check(api.TensorElementType(info, &element), "MODEL_INVALID", what);
  library_->Check(api.DimensionCount(info, &rank), "MODEL_INVALID", what);
  tensor.shape.resize(rank);
  library_->Check(api.Dimensions(info, tensor.shape.data(), rank), "MODEL_INVALID", what);
  tensor.type = static_cast<onnx::ElementType>(element);
  if (ElementSize(tensor.type) == 0) {
    throw Error("MODEL_SHAPE", "Expected a numeric element type for '" + tensor.name + "' of " + path_ +
                                   " but it has ONNX type " + std::to_string(element) + ".");
  }
  tensor.elements = 1;
  for (const int64_t dimension : tensor.shape) {
    if (dimension <= 0) {
      throw Error("MODEL_SHAPE", "Expected fixed dimensions for '" + tensor.name + "' of " + path_ +
                                     " but its shape is " + ShapeText(tensor.shape) + ".");
    }
    tensor.elements *= static_cast<size_t>(dimension);
  }
}

void OnnxSession::Bind(std::vector<OnnxTensor>& tensors, std::vector<onnx::Value*>& values,
                       std::vector<const char*>& names) {
  for (OnnxTensor& tensor : tensors) {
    tensor.bytes.assign(tensor.elements * ElementSize(tensor.type), std::byte{0});
    onnx::Value* value = nullptr;
    library_->Check(
        library_->api().CreateTensor(memory_, tensor.bytes.data(), tensor.bytes.size(), tensor.shape.data(),
                                     tensor.shape.size(), static_cast<int>(tensor.type), &value),
        "MODEL_INVALID", "Binding '" + tensor.name + "' of " + path_);
    values.push_back(value);
    names.push_back(tensor.name.c_str());
  }
}

const OnnxTensor& OnnxSession::Find(const std::vector<OnnxTensor>& tensors, const std::string& name,
                                    std::span<const int64_t> shape) const {
  const auto found =
      std::find_if(tensors.begin(), tensors.end(), [&](const auto& t) { return t.name == name; });
  if (found == tensors.end()) {
    std::string have;
    for (const OnnxTensor& tensor : tensors) have += (have.empty() ? "" : ", ") + tensor.name;
    throw Error("MODEL_SHAPE", "Expected '" + name + "' in " + path_ + " but it has " + have + ".", kRebuild);
  }
  if (found->type != onnx::ElementType::kFloat32 ||
      !std::equal(shape.begin(), shape.end(), found->shape.begin(), found->shape.end())) {
    throw Error("MODEL_SHAPE",
                "Expected '" + name + "' of " + path_ + " to be float32 " + ShapeText(shape) + " but it is " +
                    ElementName(found->type) + " " + ShapeText(found->shape) + ".",
                kRebuild);
  }
  return *found;
}

std::span<float> OnnxSession::FloatInput(const std::string& name, std::span<const int64_t> shape) {
  const OnnxTensor& tensor = Find(inputs_, name, shape);
  return {const_cast<float*>(reinterpret_cast<const float*>(tensor.bytes.data())), tensor.elements};
}

std::span<const float> OnnxSession::FloatOutput(const std::string& name,
                                                std::span<const int64_t> shape) const {
  const OnnxTensor& tensor = Find(outputs_, name, shape);
  return {reinterpret_cast<const float*>(tensor.bytes.data()), tensor.elements};
}

void OnnxSession::Run() {
  onnx::Status* status =
      library_->api().Run(session_, nullptr, inputNames_.data(), inputValues_.data(), inputValues_.size(),
                          outputNames_.data(), outputValues_.size(), outputValues_.data());
  // Guarded so that the text for the error is composed (and allocated) only when there is one.
  if (status != nullptr) library_->Check(status, "INFERENCE_FAILED", "Running " + path_);
}

}  // namespace vigil
