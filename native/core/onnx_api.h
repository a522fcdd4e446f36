#pragma once

#include <cstddef>
#include <cstdint>

/// The part of ONNX Runtime's C interface that Vigil uses. onnxruntime-node installs the library without
/// headers; the interface is a table of function pointers that only ever grows at its end, so a position
/// never changes. Positions and signatures are those of ONNX Runtime's public C API documentation for version
/// 17; a test holds results against onnxruntime-node's JavaScript API bit for bit.
namespace vigil::onnx {

struct Status;
struct Env;
struct Session;
struct SessionOptions;
struct RunOptions;
struct Value;
struct MemoryInfo;
struct Allocator;
struct TypeInfo;
struct TensorInfo;

enum LoggingLevel : int { kLogError = 3 };
enum GraphOptimisation : int { kOptimiseAll = 99 };
enum AllocatorType : int { kDeviceAllocator = 0 };
enum MemType : int { kMemDefault = 0 };

/// ONNXTensorElementDataType.
enum class ElementType : int {
  kUndefined = 0,
  kFloat32 = 1,
  kUint8 = 2,
  kInt8 = 3,
  kInt32 = 6,
  kInt64 = 7,
  kBool = 9,
  kFloat64 = 11,
};

constexpr uint32_t kApiVersion = 17;

/// A view of the table: position -> typed function.
class Api {
 public:
  explicit Api(const void* table) : table_(static_cast<void* const*>(table)) {}

  const char* GetErrorMessage(const Status* status) const {
    return At<const char* (*)(const Status*)>(2)(status);
  }
  Status* CreateEnv(int level, const char* id, Env** out) const {
    return At<Status* (*)(int, const char*, Env**)>(3)(level, id, out);
  }
  Status* CreateSession(const Env* env, const char* path, const SessionOptions* options,
                        Session** out) const {
    return At<Status* (*)(const Env*, const char*, const SessionOptions*, Session**)>(7)(env, path, options,
                                                                                         out);
  }
  Status* Run(Session* session, const RunOptions* options, const char* const* inputNames,
              const Value* const* inputs, size_t inputCount, const char* const* outputNames,
              size_t outputCount, Value** outputs) const {
    return At<Status* (*)(Session*, const RunOptions*, const char* const*, const Value* const*, size_t,
                          const char* const*, size_t, Value**)>(9)(
        session, options, inputNames, inputs, inputCount, outputNames, outputCount, outputs);
  }
  Status* CreateSessionOptions(SessionOptions** out) const {
    return At<Status* (*)(SessionOptions**)>(10)(out);
  }
  Status* SetGraphOptimisation(SessionOptions* options, int level) const {
    return At<Status* (*)(SessionOptions*, int)>(23)(options, level);
  }
  Status* SetIntraOpThreads(SessionOptions* options, int threads) const {
    return At<Status* (*)(SessionOptions*, int)>(24)(options, threads);
  }
  Status* SetInterOpThreads(SessionOptions* options, int threads) const {
    return At<Status* (*)(SessionOptions*, int)>(25)(options, threads);
  }
  Status* InputCount(const Session* session, size_t* out) const {
    return At<Status* (*)(const Session*, size_t*)>(30)(session, out);
  }
  Status* OutputCount(const Session* session, size_t* out) const {
    return At<Status* (*)(const Session*, size_t*)>(31)(session, out);
  }
  Status* InputTypeInfo(const Session* session, size_t index, TypeInfo** out) const {
    return At<Status* (*)(const Session*, size_t, TypeInfo**)>(33)(session, index, out);
  }
  Status* OutputTypeInfo(const Session* session, size_t index, TypeInfo** out) const {
    return At<Status* (*)(const Session*, size_t, TypeInfo**)>(34)(session, index, out);
  }
  Status* InputName(const Session* session, size_t index, Allocator* allocator, char** out) const {
    return At<Status* (*)(const Session*, size_t, Allocator*, char**)>(36)(session, index, allocator, out);
  }
  Status* OutputName(const Session* session, size_t index, Allocator* allocator, char** out) const {
    return At<Status* (*)(const Session*, size_t, Allocator*, char**)>(37)(session, index, allocator, out);
  }
  Status* CreateTensor(const MemoryInfo* info, void* data, size_t bytes, const int64_t* shape, size_t rank,
                       int type, Value** out) const {
    return At<Status* (*)(const MemoryInfo*, void*, size_t, const int64_t*, size_t, int, Value**)>(49)(
        info, data, bytes, shape, rank, type, out);
  }
  Status* AsTensorInfo(const TypeInfo* info, const TensorInfo** out) const {
    return At<Status* (*)(const TypeInfo*, const TensorInfo**)>(55)(info, out);
  }
  Status* TensorElementType(const TensorInfo* info, int* out) const {
    return At<Status* (*)(const TensorInfo*, int*)>(60)(info, out);
  }
  Status* DimensionCount(const TensorInfo* info, size_t* out) const {
    return At<Status* (*)(const TensorInfo*, size_t*)>(61)(info, out);
  }
  Status* Dimensions(const TensorInfo* info, int64_t* out, size_t count) const {
    return At<Status* (*)(const TensorInfo*, int64_t*, size_t)>(62)(info, out, count);
  }
  Status* CreateCpuMemoryInfo(int allocator, int memory, MemoryInfo** out) const {
    return At<Status* (*)(int, int, MemoryInfo**)>(69)(allocator, memory, out);
  }
  Status* AllocatorFree(Allocator* allocator, void* pointer) const {
    return At<Status* (*)(Allocator*, void*)>(76)(allocator, pointer);
  }
  Status* DefaultAllocator(Allocator** out) const { return At<Status* (*)(Allocator**)>(78)(out); }
  void Release(Env* env) const { At<void (*)(Env*)>(92)(env); }
  void Release(Status* status) const { At<void (*)(Status*)>(93)(status); }
  void Release(MemoryInfo* info) const { At<void (*)(MemoryInfo*)>(94)(info); }
  void Release(Session* session) const { At<void (*)(Session*)>(95)(session); }
  void Release(Value* value) const { At<void (*)(Value*)>(96)(value); }
  void Release(TypeInfo* info) const { At<void (*)(TypeInfo*)>(98)(info); }
  void Release(SessionOptions* options) const { At<void (*)(SessionOptions*)>(100)(options); }
  Status* AddConfigEntry(SessionOptions* options, const char* key, const char* value) const {
    return At<Status* (*)(SessionOptions*, const char*, const char*)>(130)(options, key, value);
  }

 private:
  template <class Function>
  Function At(size_t position) const {
    return reinterpret_cast<Function>(table_[position]);
  }

  void* const* table_;
};

}  // namespace vigil::onnx
