#include "vision/addon_capture.h"

#include <memory>
#include <string>

#include "core/napi_arguments.h"
#include "core/napi_arrays.h"
#include "core/napi_error.h"
#include "vision/camera_capture.h"

namespace vigil {
namespace {

/// new CameraCapture({device, format, width, height, fps, exposureUs, infraredLamp}, onChange): opens the
/// camera and streams. onChange is called when pictures wait, or the stream has ended. Does not keep the
/// event loop alive.
class CameraCaptureObject : public Napi::ObjectWrap<CameraCaptureObject> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "CameraCapture",
                       {InstanceMethod<&CameraCaptureObject::Mode>("mode"),
                        InstanceMethod<&CameraCaptureObject::Take>("take"),
                        InstanceMethod<&CameraCaptureObject::Ended>("ended"),
                        InstanceMethod<&CameraCaptureObject::Counters>("counters"),
                        InstanceMethod<&CameraCaptureObject::Close>("close")});
  }

  explicit CameraCaptureObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    Guard(info.Env(), [&]() -> Napi::Value {
      const Napi::Object config = args::Object(info[0], "config");
      CaptureOptions options;
      options.device = args::String(config.Get("device"), "device");
      options.format = args::String(config.Get("format"), "format");
      options.width = static_cast<int>(args::Integer(config.Get("width"), "width", 1, 16384));
      options.height = static_cast<int>(args::Integer(config.Get("height"), "height", 1, 16384));
      options.fps = args::Number(config.Get("fps"), "fps");
      if (!(options.fps >= 1 && options.fps <= 1000)) throw args::Wrong("fps", "1 to 1000");
      options.exposureUs = args::Integer(config.Get("exposureUs"), "exposureUs", -1, 10'000'000);
      options.infraredLamp =
          static_cast<int>(args::Integer(config.Get("infraredLamp"), "infraredLamp", -1, 1));
      wakeUp_ =
          Napi::ThreadSafeFunction::New(info.Env(), args::Function(info[1], "onChange"), "camera", 1, 1);
      wakeUp_.Unref(info.Env());
      try {
        // One call that waits is enough: it takes whatever there is.
        capture_ = std::make_unique<CameraCapture>(options, [this] { wakeUp_.NonBlockingCall(); });
      } catch (...) {
        wakeUp_.Release();
        throw;
      }
      napi_add_env_cleanup_hook(info.Env(), &CameraCaptureObject::OnEnvironmentEnd, this);
      hooked_ = true;
      return {};
    });
  }

  ~CameraCaptureObject() override { Stop(); }

 private:
  static void OnEnvironmentEnd(void* self) {
    auto* object = static_cast<CameraCaptureObject*>(self);
    object->hooked_ = false;
    object->capture_.reset();
  }

  void Stop() {
    if (!hooked_) return;
    hooked_ = false;
    napi_remove_env_cleanup_hook(Env(), &CameraCaptureObject::OnEnvironmentEnd, this);
    capture_.reset();
    wakeUp_.Release();
  }

  CameraCapture& Capture() const {
    if (!capture_) throw Error("CAMERA_CLOSED", "Expected an open camera but it was closed.");
    return *capture_;
  }

  Napi::Value Mode(const Napi::CallbackInfo& info) {
    return Guard(info.Env(), [&]() -> Napi::Value {
      const CaptureMode& mode = Capture().mode();
      Napi::Object result = Napi::Object::New(info.Env());
      result.Set("format", static_cast<int>(mode.format));
      result.Set("fourcc", mode.fourcc);
      result.Set("width", mode.width);
      result.Set("height", mode.height);
      result.Set("fps", mode.fps);
      result.Set("card", mode.card);
      result.Set("driver", mode.driver);
      Napi::Array missing = Napi::Array::New(info.Env(), mode.missingControls.size());
      for (uint32_t i = 0; i < mode.missingControls.size(); ++i) missing.Set(i, mode.missingControls[i]);
      result.Set("missingControls", missing);
      return result;
    });
  }

  /// take(): {t, data} of the oldest picture that waits, or null.
  Napi::Value Take(const Napi::CallbackInfo& info) {
    return Guard(info.Env(), [&]() -> Napi::Value {
      if (!Capture().Take(picture_)) return info.Env().Null();
      Napi::Object result = Napi::Object::New(info.Env());
      result.Set("t", picture_.tMs);
      result.Set("data", CopyToArray<uint8_t>(info.Env(), picture_.bytes));
      return result;
    });
  }

  Napi::Value Ended(const Napi::CallbackInfo& info) {
    return Guard(info.Env(),
                 [&]() -> Napi::Value { return Napi::String::New(info.Env(), Capture().ended()); });
  }

  Napi::Value Counters(const Napi::CallbackInfo& info) {
    return Guard(info.Env(), [&]() -> Napi::Value {
      const auto counters = Capture().counters();
      Napi::Object result = Napi::Object::New(info.Env());
      result.Set("received", static_cast<double>(counters.received));
      result.Set("dropped", static_cast<double>(counters.dropped));
      result.Set("damaged", static_cast<double>(counters.damaged));
      return result;
    });
  }

  Napi::Value Close(const Napi::CallbackInfo& info) {
    Stop();
    return info.Env().Undefined();
  }

  Napi::ThreadSafeFunction wakeUp_;
  CapturedPicture picture_;
  bool hooked_ = false;
  std::unique_ptr<CameraCapture> capture_;
};

}  // namespace

Napi::Function DefineCameraCapture(Napi::Env env) { return CameraCaptureObject::Define(env); }

}  // namespace vigil
