// A shared library with ONNX Runtime's entry point and no interface table to offer: how one that is older
// than the version we ask for behaves.
#include <cstdint>

namespace {
struct ApiBase {
  const void* (*GetApi)(uint32_t version);
  const char* (*GetVersionString)();
};
const ApiBase kBase{[](uint32_t) -> const void* { return nullptr; }, [] { return "0.0.7"; }};
}  // namespace

extern "C" __attribute__((visibility("default"))) const void* OrtGetApiBase() { return &kBase; }
