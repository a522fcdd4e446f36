// The live bus's Node-API boundary: LiveCan owns socket, reader thread and cyclic sender, and hands
// JavaScript batches of columns.
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "can/addon.h"
#include "can/can_socket.h"
#include "can/cyclic_sender.h"
#include "can/socketcan_reader.h"
#include "core/napi_arguments.h"
#include "core/napi_arrays.h"
#include "core/napi_error.h"
#include "core/napi_histogram.h"

namespace vigil::can {
namespace {

Error SendError(int error) {
  const std::string what =
      "Expected the bus to take the frame but: " + std::string(std::strerror(error)) + ".";
  if (error == ENOBUFS || error == EAGAIN) {
    return {"CAN_SEND_QUEUE_FULL", what,
            "Nothing acknowledges, or frames come faster than the bus carries them."};
  }
  if (error == ENETDOWN || error == ENXIO) return {"CAN_BUS_DOWN", what, "Switch the interface on."};
  if (error == EINVAL) return {"CAN_FRAME_INVALID", what, "The interface may not carry CAN FD."};
  return {"CAN_SEND_FAILED", what};
}

LiveFrame ReadFrame(Napi::Value id, Napi::Value flags, size_t length) {
  LiveFrame frame;
  frame.flags = static_cast<uint8_t>(args::Integer(flags, "flags", 0, 255)) & ~uint8_t{kTransmitted};
  const bool wide = (frame.flags & (kExtended | kErrorFrame)) != 0;
  frame.id = static_cast<uint32_t>(args::Integer(id, "id", 0, wide ? CAN_EFF_MASK : CAN_SFF_MASK));
  if (length > ((frame.flags & kFd) ? kMaxPayload : size_t{CAN_MAX_DLEN})) {
    throw args::Wrong("data", "at most 8 bytes, or 64 with the flag for CAN FD");
  }
  frame.length = static_cast<uint8_t>(length);
  return frame;
}

double NumberOr(Napi::Object options, const char* name, double otherwise) {
  const Napi::Value value = options.Get(name);
  return value.IsUndefined() ? otherwise : args::Number(value, name);
}

/// new LiveCan(options, onWake(state, t?, id?, flags?, channel?, length?, offset?, data?))
///
/// state: link | controller << 4 | silent << 8. Keeps the event loop alive and itself from being collected
/// until close(). Threads never outlive the environment: a clean-up hook, registered after the thread-safe
/// function's own and so run before it, joins them.
class LiveCan : public Napi::ObjectWrap<LiveCan> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(
        env, "LiveCan",
        {InstanceMethod<&LiveCan::Send>("send"), InstanceMethod<&LiveCan::SetFilter>("setFilter"),
         InstanceMethod<&LiveCan::Counters>("counters"), InstanceMethod<&LiveCan::StartCyclic>("startCyclic"),
         InstanceMethod<&LiveCan::UpdateCyclic>("updateCyclic"),
         InstanceMethod<&LiveCan::StopCyclic>("stopCyclic"),
         InstanceMethod<&LiveCan::CyclicCountersToJs>("cyclicCounters"),
         InstanceMethod<&LiveCan::Close>("close")});
  }

  explicit LiveCan(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    Guard(info.Env(), [&]() -> Napi::Value {
      Open(info.Env(), args::Object(info[0], "options"), args::Function(info[1], "onWake"));
      return {};
    });
  }

  ~LiveCan() override { Shut(); }

 private:
  void Open(Napi::Env env, Napi::Object options, Napi::Function onWake) {
    CanSocketOptions socket;
    if (!options.Get("interface").IsUndefined()) {
      socket.interface = args::String(options.Get("interface"), "interface");
      if (socket.interface.empty()) throw args::Wrong("interface", "a name");
    } else {
      socket.descriptor =
          static_cast<int>(args::Integer(options.Get("descriptor"), "descriptor", 0, 1 << 30));
    }
    if (!options.Get("receiveOwn").IsUndefined()) {
      socket.receiveOwn = args::Boolean(options.Get("receiveOwn"), "receiveOwn");
    }
    ReaderOptions reader;
    reader.ringFrames =
        static_cast<size_t>(args::Integer(options.Get("ringFrames"), "ringFrames", 1, 1 << 24));
    reader.wakePeriodMs = NumberOr(options, "wakePeriodMs", reader.wakePeriodMs);
    reader.silentAfterMs = NumberOr(options, "silentAfterMs", reader.silentAfterMs);
    reader.channel = static_cast<uint8_t>(args::Integer(options.Get("channel"), "channel", 0, 255));
    channel_ = reader.channel;
    offsetMs_ = args::Number(options.Get("clockOffsetMs"), "clockOffsetMs");
    if (!options.Get("fifoPriority").IsUndefined()) {
      cyclicOptions_.fifoPriority =
          static_cast<int>(args::Integer(options.Get("fifoPriority"), "fifoPriority", 1, 99));
    }
    auto opened = std::make_unique<CanSocket>(std::move(socket));

    env_ = env;
    onWake_ = Napi::Persistent(onWake);
    wakeUp_ = WakeUp::New(env, "vigil-can", 2, 1, this);
    open_ = true;
    Ref();
    socket_ = std::move(opened);
    reader_ = std::make_unique<CanReader>(socket_.get(), reader, [this] { Wake(); });
    napi_add_env_cleanup_hook(env_, &LiveCan::OnEnvironmentEnd, this);
  }

  void RequireOpen() const {
    if (!open_) throw Error("CAN_BUS_CLOSED", "Expected an open bus but it was closed.");
  }

  /// send(id, flags, data)
  Napi::Value Send(const Napi::CallbackInfo& info) {
    return Guard(info.Env(), [&]() -> Napi::Value {
      RequireOpen();
      const auto data = args::TypedArray<uint8_t>(info[2], "data");
      LiveFrame frame = ReadFrame(info[0], info[1], data.size());
      std::copy(data.begin(), data.end(), frame.data.begin());
      if (const int error = socket_->Send(frame); error != 0) throw SendError(error);
      return info.Env().Undefined();
    });
  }

  /// setFilter(keys: Uint32Array | undefined)
  Napi::Value SetFilter(const Napi::CallbackInfo& info) {
    return Guard(info.Env(), [&]() -> Napi::Value {
      RequireOpen();
      if (info[0].IsUndefined()) {
        socket_->SetFilter({});
      } else {
        const auto keys = args::TypedArray<uint32_t>(info[0], "keys");
        socket_->SetFilter(FrameFilter({keys.begin(), keys.end()}));
      }
      return info.Env().Undefined();
    });
  }

  Napi::Value Counters(const Napi::CallbackInfo& info) {
    return Guard(info.Env(), [&]() -> Napi::Value {
      RequireOpen();
      const ReaderCounters c = reader_->Counters();
      const std::array<std::pair<const char*, double>, 14> values = {{
          {"received", static_cast<double>(c.received)},
          {"filtered", static_cast<double>(c.filtered)},
          {"dropped", static_cast<double>(c.dropped)},
          {"kernelDropped", static_cast<double>(c.kernelDropped)},
          {"malformed", static_cast<double>(c.malformed)},
          {"errorFrames", static_cast<double>(c.errorFrames)},
          {"busOffs", static_cast<double>(c.busOffs)},
          {"linkDowns", static_cast<double>(c.linkDowns)},
          {"reopened", static_cast<double>(c.reopened)},
          {"hardwareStamped", static_cast<double>(c.hardwareStamped)},
          {"softwareStamped", static_cast<double>(c.softwareStamped)},
          {"reads", static_cast<double>(c.reads)},
          {"wakeUps", static_cast<double>(c.wakeUps)},
          {"lastRxAgeMs", c.lastRxAgeMs},
      }};
      Napi::Object object = Napi::Object::New(info.Env());
      for (const auto& [name, value] : values) object.Set(name, value);
      return object;
    });
  }

  /// startCyclic(id, flags, length, payloads, periodMs, count) -> handle
  Napi::Value StartCyclic(const Napi::CallbackInfo& info) {
    return Guard(info.Env(), [&]() -> Napi::Value {
      RequireOpen();
      CyclicMessage message;
      const auto length = static_cast<size_t>(args::Integer(info[2], "length", 0, kMaxPayload));
      message.frame = ReadFrame(info[0], info[1], length);
      const auto payloads = args::TypedArray<uint8_t>(info[3], "payloads");
      message.payloads.assign(payloads.begin(), payloads.end());
      message.periodMs = args::Number(info[4], "periodMs");
      message.count = static_cast<uint64_t>(args::Integer(info[5], "count", 0, INT64_C(1) << 52));
      if (cyclic_ == nullptr) {
        cyclic_ = std::make_unique<CyclicSender>(
            cyclicOptions_, [this](const LiveFrame& frame) { return socket_->Send(frame); },
            [this] { Wake(); });
      }
      return Napi::Number::New(info.Env(), cyclic_->Start(std::move(message)));
    });
  }

  uint32_t Handle(Napi::Value value) const {
    RequireOpen();
    return static_cast<uint32_t>(args::Integer(value, "handle", 1, UINT32_MAX));
  }

  /// updateCyclic(handle, payloads) -> whether it is known
  Napi::Value UpdateCyclic(const Napi::CallbackInfo& info) {
    return Guard(info.Env(), [&]() -> Napi::Value {
      const uint32_t handle = Handle(info[0]);
      const auto payloads = args::TypedArray<uint8_t>(info[1], "payloads");
      const bool known = cyclic_ != nullptr && cyclic_->Update(handle, {payloads.begin(), payloads.end()});
      return Napi::Boolean::New(info.Env(), known);
    });
  }

  /// stopCyclic(handle) -> whether it was known
  Napi::Value StopCyclic(const Napi::CallbackInfo& info) {
    return Guard(info.Env(), [&]() -> Napi::Value {
      const uint32_t handle = Handle(info[0]);
      return Napi::Boolean::New(info.Env(), cyclic_ != nullptr && cyclic_->Stop(handle));
    });
  }

  /// cyclicCounters(handle) -> {sent, failed, late, skipped, maxLateMs, finished, lastError, lateness} |
  /// undefined
  Napi::Value CyclicCountersToJs(const Napi::CallbackInfo& info) {
    return Guard(info.Env(), [&]() -> Napi::Value {
      const uint32_t handle = Handle(info[0]);
      const auto counters = cyclic_ == nullptr ? std::nullopt : cyclic_->Counters(handle);
      if (!counters) return info.Env().Undefined();
      Napi::Object object = Napi::Object::New(info.Env());
      object.Set("sent", static_cast<double>(counters->sent));
      object.Set("failed", static_cast<double>(counters->failed));
      object.Set("late", static_cast<double>(counters->late));
      object.Set("skipped", static_cast<double>(counters->skipped));
      object.Set("maxLateMs", counters->maxLateMs);
      object.Set("finished", counters->finished);
      object.Set("lastError", counters->lastError == 0 ? "" : std::strerror(counters->lastError));
      object.Set("lateness", SnapshotToJs(info.Env(), cyclic_->Lateness()));
      return object;
    });
  }

  Napi::Value Close(const Napi::CallbackInfo& info) {
    Shut();
    return info.Env().Undefined();
  }

  /// The sender first, then the reader: both use the socket.
  void StopThreads() {
    cyclic_.reset();
    reader_.reset();
    socket_.reset();
  }

  void Shut() {
    if (!open_) return;
    open_ = false;
    StopThreads();
    napi_remove_env_cleanup_hook(env_, &LiveCan::OnEnvironmentEnd, this);
    wakeUp_.Abort();
    Unref();
  }

  static void OnEnvironmentEnd(void* data) {
    auto* self = static_cast<LiveCan*>(data);
    self->open_ = false;
    self->StopThreads();
  }

  /// On the reader's or the sender's thread. One pending call is enough: it collects everything.
  void Wake() {
    if (!wakePending_.exchange(true) && wakeUp_.NonBlockingCall() != napi_ok) wakePending_ = false;
  }

  static void CallJs(Napi::Env env, Napi::Function, LiveCan* self, std::nullptr_t*) {
    // A null environment means the function is being torn down, and then `self` may be gone.
    if (static_cast<napi_env>(env) == nullptr || !self->open_) return;
    [[maybe_unused]] const Napi::Object whole = self->Value();  // onWake may close and let go
    self->wakePending_ = false;
    Guard(env, [&]() -> Napi::Value {
      self->Deliver(env);
      return {};
    });
    // What the callback threw becomes an 'uncaughtException', as from any event listener.
    bool pending = false;
    if (napi_is_exception_pending(env, &pending) != napi_ok || !pending) return;
    napi_value exception = nullptr;
    if (napi_get_and_clear_last_exception(env, &exception) == napi_ok) napi_fatal_exception(env, exception);
  }
  using WakeUp = Napi::TypedThreadSafeFunction<LiveCan, std::nullptr_t, &LiveCan::CallJs>;

  void Deliver(Napi::Env env) {
    reader_->Collect(&frames_);
    const BusState state = reader_->State();
    const Napi::Number code =
        Napi::Number::New(env, static_cast<int>(state.link) | static_cast<int>(state.controller) << 4 |
                                   (state.silent ? 1 << 8 : 0));
    if (frames_.empty()) {
      onWake_.Call({code});
      return;
    }
    const size_t count = frames_.size();
    size_t bytes = 0;
    for (const LiveFrame& frame : frames_) bytes += frame.length;
    auto t = NewArray<double>(env, count);
    auto id = NewArray<uint32_t>(env, count);
    auto flags = NewArray<uint8_t>(env, count);
    auto channel = NewArray<uint8_t>(env, count);
    auto length = NewArray<uint8_t>(env, count);
    auto offset = NewArray<uint32_t>(env, count);
    auto data = NewArray<uint8_t>(env, bytes);
    size_t at = 0;
    for (size_t i = 0; i < count; ++i) {
      const LiveFrame& frame = frames_[i];
      t.Data()[i] = frame.t + offsetMs_;
      id.Data()[i] = frame.id;
      flags.Data()[i] = frame.flags;
      channel.Data()[i] = channel_;
      length.Data()[i] = frame.length;
      offset.Data()[i] = static_cast<uint32_t>(at);
      std::copy_n(frame.data.data(), frame.length, data.Data() + at);
      at += frame.length;
    }
    onWake_.Call({code, t, id, flags, channel, length, offset, data});
  }

  napi_env env_ = nullptr;
  Napi::FunctionReference onWake_;
  WakeUp wakeUp_;
  std::atomic<bool> wakePending_{false};
  bool open_ = false;
  double offsetMs_ = 0;
  uint8_t channel_ = 0;
  CyclicOptions cyclicOptions_;
  std::vector<LiveFrame> frames_;  ///< reused from batch to batch
  std::unique_ptr<CanSocket> socket_;
  std::unique_ptr<CanReader> reader_;
  std::unique_ptr<CyclicSender> cyclic_;
};

/// createFrameChannel() -> [descriptor, descriptor]: two ends of a connection that carries one frame a
/// datagram, as a raw CAN socket does. The caller closes both.
Napi::Value CreateFrameChannel(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    std::array<int, 2> ends{};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
      throw Error("CAN_OPEN_FAILED",
                  "Expected a pair of sockets but: " + std::string(std::strerror(errno)) + ".");
    }
    const int bytes = 4 << 20;
    for (const int end : ends) setsockopt(end, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    Napi::Array pair = Napi::Array::New(info.Env(), 2);
    pair.Set(0u, ends[0]);
    pair.Set(1u, ends[1]);
    return pair;
  });
}

}  // namespace

void DefineLive(Napi::Env env, Napi::Object exports) {
  exports.Set("LiveCan", LiveCan::Define(env));
  exports.Set("createFrameChannel", Napi::Function::New(env, CreateFrameChannel, "createFrameChannel"));
}

}  // namespace vigil::can
