#include <array>
#include <atomic>
#include <charconv>
#include <cstring>
#include <memory>
#include <string>

#include "core/addon.h"
#include "core/datagram.h"
#include "core/heartbeat.h"
#include "core/napi_arguments.h"
#include "core/napi_error.h"

namespace vigil {
namespace {

/// new Heartbeat(periodMs, limitMs, watchdogPath, unitPath): paths may be empty. systemd gets WATCHDOG=1 with
/// each beat, the head unit's socket the number of the beat as text.
class HeartbeatObject : public Napi::ObjectWrap<HeartbeatObject> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "Heartbeat",
                       {InstanceMethod<&HeartbeatObject::Alive>("alive"),
                        InstanceMethod<&HeartbeatObject::Counters>("counters"),
                        InstanceMethod<&HeartbeatObject::Close>("close")});
  }

  explicit HeartbeatObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    Guard(info.Env(), [&]() -> Napi::Value {
      HeartbeatOptions options;
      options.periodMs = static_cast<double>(args::Integer(info[0], "periodMs", 1, 60'000));
      options.limitMs = static_cast<double>(args::Integer(info[1], "limitMs", 1, 60'000));
      watchdog_ = Sender(args::String(info[2], "watchdogPath"));
      watchdogEvery_ = static_cast<uint64_t>(args::Integer(info[3], "watchdogEvery", 1, 1'000'000));
      unit_ = Sender(args::String(info[4], "unitPath"));
      heartbeat_ = std::make_unique<Heartbeat>(options, [this](uint64_t number) { Beat(number); });
      napi_add_env_cleanup_hook(info.Env(), &HeartbeatObject::OnEnvironmentEnd, this);
      hooked_ = true;
      return {};
    });
  }

  ~HeartbeatObject() override { Unhook(); }

 private:
  static std::unique_ptr<DatagramSender> Sender(const std::string& path) {
    return path.empty() ? nullptr : std::make_unique<DatagramSender>(path);
  }

  static void OnEnvironmentEnd(void* self) {
    auto* object = static_cast<HeartbeatObject*>(self);
    object->hooked_ = false;
    object->heartbeat_.reset();
  }

  void Unhook() {
    if (hooked_) napi_remove_env_cleanup_hook(Env(), &HeartbeatObject::OnEnvironmentEnd, this);
    hooked_ = false;
    heartbeat_.reset();
  }

  /// On the heartbeat's thread.
  void Beat(uint64_t number) {
    if (watchdog_ && number % watchdogEvery_ == 0 && watchdog_->Send("WATCHDOG=1") != 0) {
      unsent_.fetch_add(1, std::memory_order_relaxed);
    }
    if (!unit_) return;
    std::array<char, 24> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
    if (unit_->Send({text.data(), static_cast<size_t>(end - text.data())}) != 0) {
      unsent_.fetch_add(1, std::memory_order_relaxed);
    }
  }

  Napi::Value Alive(const Napi::CallbackInfo& info) {
    if (heartbeat_) heartbeat_->Alive();
    return info.Env().Undefined();
  }

  Napi::Value Counters(const Napi::CallbackInfo& info) {
    return Guard(info.Env(), [&]() -> Napi::Value {
      if (!heartbeat_) throw Error("HEARTBEAT_CLOSED", "Expected an open heartbeat but it was closed.");
      const auto counters = heartbeat_->Read();
      Napi::Object result = Napi::Object::New(info.Env());
      result.Set("beats", static_cast<double>(counters.beats));
      result.Set("missed", static_cast<double>(counters.missed));
      result.Set("stalls", static_cast<double>(counters.stalls));
      result.Set("unsent", static_cast<double>(unsent_.load(std::memory_order_relaxed)));
      result.Set("ageMs", counters.ageMs);
      return result;
    });
  }

  Napi::Value Close(const Napi::CallbackInfo& info) {
    Unhook();
    return info.Env().Undefined();
  }

  std::unique_ptr<DatagramSender> watchdog_;
  uint64_t watchdogEvery_ = 1;
  std::unique_ptr<DatagramSender> unit_;
  std::atomic<uint64_t> unsent_{0};
  bool hooked_ = false;
  std::unique_ptr<Heartbeat> heartbeat_;  // last: its thread uses the senders
};

/// sendDatagram(path, text): one datagram to a Unix socket; throws when nobody takes it.
Napi::Value SendDatagram(const Napi::CallbackInfo& info) {
  return Guard(info.Env(), [&]() -> Napi::Value {
    const auto path = args::String(info[0], "path");
    const int failure = DatagramSender(path).Send(args::String(info[1], "text"));
    if (failure != 0) {
      throw Error("SOCKET_UNREACHABLE", "Expected a listener at " + path + " but the datagram was refused: " +
                                            std::string(std::strerror(failure)) + ".");
    }
    return info.Env().Undefined();
  });
}

}  // namespace

void DefineHeartbeat(Napi::Env env, Napi::Object exports) {
  exports.Set("Heartbeat", HeartbeatObject::Define(env));
  exports.Set("sendDatagram", Napi::Function::New<SendDatagram>(env, "sendDatagram"));
}

}  // namespace vigil
