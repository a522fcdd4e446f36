// probe.node: a worker that sleeps and doubles a number, so that tests can drive a Worker through every end
// of life that JavaScript offers. Built in a checkout only; the published package does not contain it.
#include <napi.h>

#include <chrono>
#include <cmath>
#include <memory>
#include <thread>

#include "core/napi_arguments.h"
#include "core/napi_arrays.h"
#include "core/napi_error.h"
#include "core/napi_worker.h"

namespace vigil {
namespace {

struct Job {
  double value = 0;
  double sleepMs = 0;
};

/// new ProbeWorker(queueLength, policy, deadlineMs, onBatch(Float64Array))
class ProbeWorker : public Napi::ObjectWrap<ProbeWorker> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(
        env, "ProbeWorker",
        {InstanceMethod<&ProbeWorker::Push>("push"), InstanceMethod<&ProbeWorker::Counters>("counters"),
         InstanceMethod<&ProbeWorker::Close>("close")});
  }

  explicit ProbeWorker(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    Guard(info.Env(), [&]() -> Napi::Value {
      WorkerOptions options;
      options.name = "probe";
      options.queueLength = static_cast<size_t>(args::Integer(info[0], "queueLength", 1, 1024));
      options.policy = static_cast<DropPolicy>(args::Integer(info[1], "policy", 0, 2));
      options.deadlineMs = args::Number(info[2], "deadlineMs");
      onBatch_ = Napi::Persistent(args::Function(info[3], "onBatch"));
      binding_ = std::make_unique<Binding>(
          info.Env(), this, options,
          [](Job& job, double& result) {
            std::this_thread::sleep_for(std::chrono::duration<double, std::milli>(job.sleepMs));
            if (std::isnan(job.value)) throw Error("PROBE_FAILED", "Expected a number but received NaN.");
            result = job.value * 2;
          },
          [this](Napi::Env env) { Deliver(env); });
      return {};
    });
  }

 private:
  using Binding = WorkerBinding<Job, double>;

  /// push(value, sleepMs) -> 0 accepted, 1 full, 2 stopped. NaN makes the worker throw.
  Napi::Value Push(const Napi::CallbackInfo& info) {
    return Guard(info.Env(), [&]() -> Napi::Value {
      const double value = args::Number(info[0], "value");
      const double sleepMs = args::Number(info[1], "sleepMs");
      const auto pushed = binding_->TryPush([&](Job& job) { job = {value, sleepMs}; });
      return Napi::Number::New(info.Env(), static_cast<int>(pushed));
    });
  }

  Napi::Value Counters(const Napi::CallbackInfo& info) { return binding_->CountersToJs(info.Env()); }

  Napi::Value Close(const Napi::CallbackInfo& info) {
    binding_->Close();
    return info.Env().Undefined();
  }

  void Deliver(Napi::Env env) {
    std::vector<double> results;
    binding_->Collect([&](double& result) { results.push_back(result); });
    if (results.empty()) return;
    onBatch_.Call({CopyToArray<double>(env, results)});
  }

  Napi::FunctionReference onBatch_;
  std::unique_ptr<Binding> binding_;
};

}  // namespace
}  // namespace vigil

static Napi::Object InitModule(Napi::Env env, Napi::Object exports) {
  exports.Set("ProbeWorker", vigil::ProbeWorker::Define(env));
  return exports;
}
NODE_API_MODULE(probe, InitModule)
