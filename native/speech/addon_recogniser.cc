#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/napi_arguments.h"
#include "core/napi_arrays.h"
#include "core/napi_error.h"
#include "core/napi_worker.h"
#include "speech/addon.h"
#include "speech/recogniser.h"

namespace vigil {

namespace {

struct Job {
  double id = 0;
  bool loadOnly = false;
  RecognitionRequest request;
};

struct Answer {
  double id = 0;
  std::optional<Error> error;
  Recognition recognition;
};

constexpr size_t kQueueLength = 8;
constexpr int32_t kHighestToken = 32767;
/// Beside the beam, one row for the free sentence and one for a beginning.
constexpr size_t kMostBeam = Moonshine::kMostRows - 2;

/// new Recogniser({onnxLibrary, encoder, decoder, vocabulary, size}, onAnswer): recognises on a thread of its
/// own, one utterance after the other. A full queue refuses; a cancelled utterance is given up with the error
/// SPEECH_CANCELLED.
///
/// onAnswer(id, error, best, free, beginning, figures): error is null or {code, message, advice}; best is an
/// array of {tokens, logProb}, free is {tokens, logProb, ended}, beginning {tokens, logProb} or null, figures
/// a Float64Array of encode and decode CPU ms, wall ms, steps, rows.
class RecogniserObject : public Napi::ObjectWrap<RecogniserObject> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "Recogniser",
                       {InstanceMethod<&RecogniserObject::AddGrammar>("addGrammar"),
                        InstanceMethod<&RecogniserObject::RemoveGrammar>("removeGrammar"),
                        InstanceMethod<&RecogniserObject::Load>("load"),
                        InstanceMethod<&RecogniserObject::Recognise>("recognise"),
                        InstanceMethod<&RecogniserObject::Cancel>("cancel"),
                        InstanceMethod<&RecogniserObject::Counters>("counters"),
                        InstanceMethod<&RecogniserObject::Close>("close")});
  }

  explicit RecogniserObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    Guard(info.Env(), [&]() -> Napi::Value {
      const auto config = args::Object(info[0], "config");
      const auto text = [&config](const char* name) { return args::String(config.Get(name), name); };
      onAnswer_ = Napi::Persistent(args::Function(info[1], "onAnswer"));
      const std::string size = text("size");
      if (size != "tiny" && size != "base") throw args::Wrong("size", "\"tiny\" or \"base\"");
      recogniser_ = std::make_unique<Recogniser>(
          text("onnxLibrary"), MoonshineFiles{text("encoder"), text("decoder"), text("vocabulary")},
          size == "tiny" ? MoonshineSize::Tiny() : MoonshineSize::Base());
      WorkerOptions options;
      options.name = "vigil-speech";
      options.queueLength = kQueueLength;
      options.policy = DropPolicy::kNewest;
      binding_ = std::make_unique<Binding>(
          info.Env(), this, options, [this](Job& job, Answer& answer) { Process(job, answer); },
          [this](Napi::Env env) { Deliver(env); });
      return {};
    });
  }

 private:
  using Binding = WorkerBinding<Job, Answer>;

  /// On the worker's thread.
  void Process(Job& job, Answer& answer) {
    answer.id = job.id;
    answer.error.reset();
    answer.recognition = {};
    try {
      if (job.loadOnly) {
        recogniser_->Load();
      } else {
        answer.recognition = recogniser_->Recognise(job.request);
      }
    } catch (const Error& error) {
      answer.error = error;
    }
    job.request.grammar.reset();
    job.request.isCancelled.reset();
  }

  /// addGrammar(states, start, accept, from, to, token) -> number
  Napi::Value AddGrammar(const Napi::CallbackInfo& info) {
    return Guard(info.Env(), [&]() -> Napi::Value {
      const auto integer = [&info](size_t i, const char* name) {
        return static_cast<int32_t>(args::Integer(info[i], name, 0, INT32_MAX));
      };
      grammars_[++lastGrammar_] = std::make_shared<TokenGrammar>(
          integer(0, "states"), integer(1, "start"), integer(2, "accept"),
          args::TypedArray<int32_t>(info[3], "from"), args::TypedArray<int32_t>(info[4], "to"),
          args::TypedArray<int32_t>(info[5], "token"));
      return Napi::Number::New(info.Env(), lastGrammar_);
    });
  }

  Napi::Value RemoveGrammar(const Napi::CallbackInfo& info) {
    return Guard(info.Env(), [&]() -> Napi::Value {
      grammars_.erase(static_cast<int32_t>(args::Integer(info[0], "grammar", 1, INT32_MAX)));
      return info.Env().Undefined();
    });
  }

  /// load(id) -> as TryPush
  Napi::Value Load(const Napi::CallbackInfo& info) {
    return Guard(info.Env(), [&]() -> Napi::Value {
      const double id = args::Number(info[0], "id");
      const auto pushed = binding_->TryPush([&](Job& job) {
        job.id = id;
        job.loadOnly = true;
      });
      return Napi::Number::New(info.Env(), static_cast<int>(pushed));
    });
  }

  /// recognise(id, samples, grammar (0: none), beam, withFree, tokenBonus, marks, known) -> as TryPush
  Napi::Value Recognise(const Napi::CallbackInfo& info) {
    return Guard(info.Env(), [&]() -> Napi::Value {
      const double id = args::Number(info[0], "id");
      const auto samples = args::TypedArray<float>(info[1], "samples");
      const auto number = static_cast<int32_t>(args::Integer(info[2], "grammar", 0, INT32_MAX));
      const auto beam = static_cast<size_t>(args::Integer(info[3], "beam", 1, kMostBeam));
      const bool withFree = args::Boolean(info[4], "withFree");
      const double tokenBonus = args::Number(info[5], "tokenBonus");
      if (!(tokenBonus >= 0 && tokenBonus <= 10)) throw args::Wrong("tokenBonus", "0 to 10");
      const auto marks = args::TypedArray<int32_t>(info[6], "marks");
      const auto known = args::TypedArray<int32_t>(info[7], "known");
      for (const int32_t token : known) {
        if (token < 0 || token > kHighestToken) throw args::Wrong("known", "tokens");
      }
      const auto grammar = grammars_.find(number);
      if (number != 0 && grammar == grammars_.end()) throw args::Wrong("grammar", "one that was added");
      const auto isCancelled = std::make_shared<std::atomic<bool>>(false);
      const auto pushed = binding_->TryPush([&](Job& job) {
        job.id = id;
        job.loadOnly = false;
        job.request.isCancelled = isCancelled;
        job.request.marks.assign(marks.begin(), marks.end());
        job.request.known.assign(known.begin(), known.end());
        job.request.samples.assign(samples.begin(), samples.end());
        job.request.grammar = number == 0 ? nullptr : grammar->second;
        job.request.beam = beam;
        job.request.withFree = withFree;
        job.request.tokenBonus = static_cast<float>(tokenBonus);
      });
      if (pushed == Binding::Pushed::kAccepted) running_[id] = isCancelled;
      return Napi::Number::New(info.Env(), static_cast<int>(pushed));
    });
  }

  /// cancel(id): the answer is no longer wanted; what is not known is over already.
  Napi::Value Cancel(const Napi::CallbackInfo& info) {
    return Guard(info.Env(), [&]() -> Napi::Value {
      const auto running = running_.find(args::Number(info[0], "id"));
      if (running != running_.end()) *running->second = true;
      return info.Env().Undefined();
    });
  }

  static Napi::Object SentenceToJs(Napi::Env env, const Sentence& sentence) {
    Napi::Object object = Napi::Object::New(env);
    object.Set("tokens", CopyToArray<int32_t>(env, sentence.tokens));
    object.Set("logProb", static_cast<double>(sentence.logProb));
    return object;
  }

  void Deliver(Napi::Env env) {
    binding_->Collect([&](Answer& answer) {
      const Napi::HandleScope scope(env);
      running_.erase(answer.id);
      Napi::Value error = env.Null();
      if (answer.error) {
        Napi::Object object = Napi::Object::New(env);
        object.Set("code", answer.error->code());
        object.Set("message", answer.error->what());
        object.Set("advice", answer.error->advice());
        error = object;
      }
      const BeamResult& beam = answer.recognition.beam;
      Napi::Array best = Napi::Array::New(env);
      for (const Sentence& sentence : beam.best) best.Set(best.Length(), SentenceToJs(env, sentence));
      Napi::Object free = SentenceToJs(env, beam.free);
      free.Set("ended", beam.freeEnded);
      Napi::Value beginning = env.Null();
      if (beam.hasBeginning) beginning = SentenceToJs(env, beam.beginning);
      const RecognitionTimings& timings = answer.recognition.timings;
      const std::vector<double> figures{timings.encodeCpuMs, timings.decodeCpuMs, timings.wallMs,
                                        static_cast<double>(beam.steps), static_cast<double>(beam.rows)};
      onAnswer_.Call({Napi::Number::New(env, answer.id), error, best, free, beginning,
                      CopyToArray<double>(env, figures)});
    });
  }

  Napi::Value Counters(const Napi::CallbackInfo& info) { return binding_->CountersToJs(info.Env()); }

  Napi::Value Close(const Napi::CallbackInfo& info) {
    binding_->Close();
    return info.Env().Undefined();
  }

  Napi::FunctionReference onAnswer_;
  std::unordered_map<int32_t, std::shared_ptr<TokenGrammar>> grammars_;
  int32_t lastGrammar_ = 0;
  std::unordered_map<double, std::shared_ptr<std::atomic<bool>>> running_;  // by id, until it is answered
  std::unique_ptr<Recogniser> recogniser_;
  std::unique_ptr<Binding> binding_;  // last: its thread uses everything above
};

}  // namespace

Napi::Function DefineRecogniser(Napi::Env env) { return RecogniserObject::Define(env); }

}  // namespace vigil
