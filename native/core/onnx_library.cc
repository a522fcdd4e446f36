#include "core/onnx_library.h"

#include <dlfcn.h>

#include <map>
#include <mutex>

#include "core/error.h"

namespace vigil {

namespace {

struct ApiBase {
  const void* (*GetApi)(uint32_t version);
  const char* (*GetVersionString)();
};

/// Process-wide by nature: a shared library and ONNX Runtime's own environment exist once per process.
struct Registry {
  std::mutex mutex;
  std::map<std::string, std::weak_ptr<OnnxLibrary>> open;
};

Registry& SharedRegistry() {
  static Registry registry;
  return registry;
}

}  // namespace

std::shared_ptr<OnnxLibrary> OnnxLibrary::Open(const std::string& path) {
  Registry& registry = SharedRegistry();
  const std::lock_guard lock(registry.mutex);
  if (auto library = registry.open[path].lock()) return library;

  // Never dlclose'd: ONNX Runtime registers thread-local destructors that must stay mapped.
  void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (handle == nullptr) {
    const char* reason = dlerror();
    throw Error("ONNX_LIBRARY_MISSING",
                "Expected the ONNX Runtime library at " + path +
                    " but it could not be loaded: " + (reason != nullptr ? reason : "unknown reason") + ".",
                "Install onnxruntime-node 1.27.0 (`npm ci`) or give the path of its libonnxruntime.so.1.");
  }
  auto getBase = reinterpret_cast<const ApiBase* (*)()>(dlsym(handle, "OrtGetApiBase"));
  if (getBase == nullptr) {
    throw Error(
        "ONNX_LIBRARY_UNUSABLE",
        "Expected " + path + " to export OrtGetApiBase but it does not: it is no ONNX Runtime library.",
        "Install onnxruntime-node 1.27.0 (`npm ci`) or give the path of its libonnxruntime.so.1.");
  }
  const ApiBase* base = getBase();
  const std::string version = base->GetVersionString();
  const void* table = base->GetApi(onnx::kApiVersion);
  if (table == nullptr) {
    throw Error("ONNX_LIBRARY_UNUSABLE",
                "Expected ONNX Runtime with C API version " + std::to_string(onnx::kApiVersion) + " but " +
                    path + " is version " + version + ", which does not offer it.",
                "Install onnxruntime-node 1.27.0.");
  }
  std::shared_ptr<OnnxLibrary> library(new OnnxLibrary(table, version));
  registry.open[path] = library;
  return library;
}

OnnxLibrary::OnnxLibrary(const void* table, std::string version) : api_(table), version_(std::move(version)) {
  Check(api_.CreateEnv(onnx::kLogError, "vigil", &env_), "ONNX_LIBRARY_UNUSABLE", "Creating the environment");
}

OnnxLibrary::~OnnxLibrary() { api_.Release(env_); }

void OnnxLibrary::Check(onnx::Status* status, const char* code, const std::string& what,
                        const char* advice) const {
  if (status == nullptr) return;
  const std::string message = api_.GetErrorMessage(status);
  api_.Release(status);
  throw Error(code, what + " failed in ONNX Runtime " + version_ + ": " + message, advice);
}

}  // namespace vigil
