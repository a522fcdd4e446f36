#pragma once

#include <napi.h>

#include <atomic>
#include <exception>
#include <functional>
#include <memory>
#include <utility>

#include "core/napi_error.h"
#include "core/worker.h"

namespace vigil {

/// Ties a Worker's life to a JavaScript environment. Results reach JavaScript in batches by at most one
/// pending wake-up. Works in worker_threads: an environment clean-up hook, registered after the thread-safe
/// function's own and so run before it, stops and joins the thread while both are still whole.
///
/// `deliver` runs on the JavaScript thread and calls Collect. While items are outstanding the owner is kept
/// from garbage collection and the event loop from ending. All members are for the JavaScript thread.
template <class Input, class Output>
class WorkerBinding {
 public:
  using Deliver = std::function<void(Napi::Env)>;
  using Pushed = typename Worker<Input, Output>::Pushed;

  /// `owner` is the wrapped object that holds this binding as a member, and so outlives it.
  WorkerBinding(Napi::Env env, Napi::Reference<Napi::Object>* owner, WorkerOptions options,
                typename Worker<Input, Output>::Process process, Deliver deliver)
      : env_(env), owner_(owner), deliver_(std::move(deliver)) {
    wakeUp_ = WakeUp::New(env, options.name, kWakeUpQueue, 1, this);
    wakeUp_.Unref(env);
    worker_ =
        std::make_unique<Worker<Input, Output>>(std::move(options), std::move(process), [this] { Wake(); });
    napi_add_env_cleanup_hook(env_, &WorkerBinding::OnEnvironmentEnd, this);
  }

  ~WorkerBinding() { Close(); }
  WorkerBinding(const WorkerBinding&) = delete;
  WorkerBinding& operator=(const WorkerBinding&) = delete;

  /// Never blocks the event loop: under DropPolicy::kBlock a full queue is answered with kFull.
  template <class Fill>
  Pushed TryPush(Fill&& fill) {
    if (closed_) return Pushed::kStopped;
    const Pushed pushed = worker_->TryPush(std::forward<Fill>(fill));
    Hold(Busy());
    return pushed;
  }

  /// Hands every finished result, oldest first, to `take(Output&)`.
  template <class Take>
  void Collect(Take&& take) {
    worker_->Collect(std::forward<Take>(take));
    Hold(Busy());
  }

  /// Items accepted whose results have not been collected yet.
  size_t Outstanding() const { return closed_ ? 0 : worker_->Outstanding(); }

  /// {accepted, dropped, late, completed, lastInputAgeMs}
  Napi::Object CountersToJs(Napi::Env env) const {
    const WorkerCounters counters = worker_->Counters();
    Napi::Object object = Napi::Object::New(env);
    object.Set("accepted", static_cast<double>(counters.accepted));
    object.Set("dropped", static_cast<double>(counters.dropped));
    object.Set("late", static_cast<double>(counters.late));
    object.Set("completed", static_cast<double>(counters.completed));
    object.Set("lastInputAgeMs", counters.lastInputAgeMs);
    return object;
  }

  /// Stops and joins the thread; results not yet delivered are discarded. Idempotent.
  void Close() {
    if (closed_) return;
    closed_ = true;
    worker_->Stop();
    napi_remove_env_cleanup_hook(env_, &WorkerBinding::OnEnvironmentEnd, this);
    Hold(false);
    wakeUp_.Abort();
  }

 private:
  static void CallJs(Napi::Env env, Napi::Function, WorkerBinding* self, std::nullptr_t*) {
    // A null environment means the function is being torn down, and then `self` may be gone.
    if (static_cast<napi_env>(env) == nullptr || self->closed_) return;
    // Collect lets go of the owner before the callback runs; this handle keeps it whole until that returns.
    [[maybe_unused]] const Napi::Object owner = self->owner_->Value();
    self->wakePending_ = false;
    Guard(env, [&]() -> Napi::Value {
      self->deliver_(env);
      return {};
    });
    RaiseUncaught(env);
    self->RaiseFailure(env);
  }

  /// What stopped the worker is told once; a worker that fell silent would look like one with nothing to do.
  void RaiseFailure(napi_env env) {
    const std::exception_ptr failure = failureTold_ || closed_ ? nullptr : worker_->Failure();
    if (failure == nullptr) return;
    failureTold_ = true;
    Hold(Busy());
    Guard(env, [&]() -> Napi::Value { std::rethrow_exception(failure); });
    RaiseUncaught(env);
  }

  /// What a JavaScript callback threw becomes an 'uncaughtException', as from any event listener; by itself
  /// Node-API would drop it with a deprecation warning.
  static void RaiseUncaught(napi_env env) {
    bool pending = false;
    if (napi_is_exception_pending(env, &pending) != napi_ok || !pending) return;
    napi_value exception = nullptr;
    if (napi_get_and_clear_last_exception(env, &exception) == napi_ok) napi_fatal_exception(env, exception);
  }
  using WakeUp = Napi::TypedThreadSafeFunction<WorkerBinding, std::nullptr_t, &WorkerBinding::CallJs>;

  /// On the worker's thread. One pending call is enough: it collects everything.
  void Wake() {
    if (!wakePending_.exchange(true) && wakeUp_.NonBlockingCall() != napi_ok) wakePending_ = false;
  }

  /// Whether JavaScript still has something to hear: a result, or why there will be no more.
  bool Busy() const { return worker_->Outstanding() > 0 || (!failureTold_ && worker_->Failure() != nullptr); }

  void Hold(bool hold) {
    if (hold == held_) return;
    held_ = hold;
    if (hold) {
      owner_->Ref();
      wakeUp_.Ref(env_);
    } else {
      wakeUp_.Unref(env_);
      owner_->Unref();
    }
  }

  static void OnEnvironmentEnd(void* data) {
    auto* self = static_cast<WorkerBinding*>(data);
    self->closed_ = true;
    self->worker_->Stop();
  }

  static constexpr size_t kWakeUpQueue = 2;

  napi_env env_;
  Napi::Reference<Napi::Object>* owner_;
  Deliver deliver_;
  WakeUp wakeUp_;
  std::atomic<bool> wakePending_{false};
  bool held_ = false;
  bool closed_ = false;
  bool failureTold_ = false;
  std::unique_ptr<Worker<Input, Output>> worker_;
};

}  // namespace vigil
