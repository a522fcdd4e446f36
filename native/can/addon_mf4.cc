// The Node-API boundary of Mf4Records.
#include <napi.h>

#include <memory>

#include "can/addon.h"
#include "can/addon_columns.h"
#include "can/mf4.h"
#include "core/napi_arguments.h"
#include "core/napi_error.h"

namespace vigil::can {
namespace {

/// Numbers per group and per field in the table that JavaScript gives; see src/can/logs/mf4-layout.ts.
constexpr size_t kGroupNumbers = 56, kFirstField = 8, kFieldNumbers = 4;

double InRange(double number, double high, const char* name) {
  if (!(number >= 0 && number <= high)) throw args::Wrong(name, "possible numbers");
  return number;
}

Mf4Field FieldOf(std::span<const double> table, size_t which) {
  const auto at = table.subspan(kFirstField + which * kFieldNumbers, kFieldNumbers);
  Mf4Field field;
  field.byte = static_cast<uint32_t>(InRange(at[0], UINT32_MAX, "groups"));
  field.bit = static_cast<uint8_t>(InRange(at[1], 7, "groups"));
  field.bits = static_cast<uint8_t>(InRange(at[2], 64, "groups"));
  const auto flags = static_cast<uint32_t>(InRange(at[3], 7, "groups"));
  field.bigEndian = flags & 1;
  field.isFloat = flags & 2;
  field.isSigned = flags & 4;
  return field;
}

Mf4Group GroupOf(std::span<const double> table) {
  Mf4Group group;
  constexpr double kHighestExact = 9007199254740992.0;
  group.recordId = static_cast<uint64_t>(InRange(table[0], kHighestExact, "groups"));
  group.recordBytes = static_cast<uint32_t>(InRange(table[1], UINT32_MAX, "groups"));
  group.kind = static_cast<Mf4Group::Kind>(static_cast<uint8_t>(InRange(table[2], 4, "groups")));
  group.sequence = static_cast<int32_t>(InRange(table[3] + 1, 1e6, "groups")) - 1;
  group.timeDivisor = table[4];
  group.timeFactor = table[5];
  group.timeOffset = table[6];
  group.channelBase = static_cast<uint32_t>(InRange(table[7], 1, "groups"));
  size_t which = 0;
  for (Mf4Field* field :
       {&group.time, &group.id, &group.extended, &group.code, &group.length, &group.data, &group.transmitted,
        &group.channel, &group.fd, &group.bitRateSwitch, &group.errorState, &group.remote}) {
    *field = FieldOf(table, which++);
  }
  return group;
}

/// new Mf4Records(groups, recordIdBytes, sequences, inOrder)
class Mf4RecordsObject : public Napi::ObjectWrap<Mf4RecordsObject> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "Mf4Records",
                       {InstanceMethod<&Mf4RecordsObject::Parse>("parse"),
                        InstanceMethod<&Mf4RecordsObject::Append>("append"),
                        InstanceMethod<&Mf4RecordsObject::Summary>("summary"),
                        StaticMethod<&Mf4RecordsObject::Untransposed>("untranspose")});
  }

  explicit Mf4RecordsObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {
    Guard(info.Env(), [&]() -> Napi::Value {
      const auto table = args::TypedArray<double>(info[0], "groups");
      if (table.size() % kGroupNumbers != 0) throw args::Wrong("groups", "whole groups");
      std::vector<Mf4Group> groups;
      for (size_t at = 0; at < table.size(); at += kGroupNumbers) {
        groups.push_back(GroupOf(table.subspan(at, kGroupNumbers)));
      }
      records_ = std::make_unique<Mf4Records>(
          std::move(groups), static_cast<uint32_t>(args::Integer(info[1], "recordIdBytes", 0, 8)),
          static_cast<uint32_t>(args::Integer(info[2], "sequences", 0, 1'000'000)),
          args::Boolean(info[3], "inOrder"));
      return {};
    });
  }

 private:
  /// parse(bytes, start, end, last, t, id, flags, channel, length, offset, data, progress) reads the bytes
  /// from start to end, appends to the columns and updates progress: frames and data bytes in the columns,
  /// bytes consumed by this call, one above the wanted sequence.
  Napi::Value Parse(const Napi::CallbackInfo& info) {
    return Guard(info.Env(), [&]() -> Napi::Value {
      const auto bytes = args::TypedArray<uint8_t>(info[0], "bytes");
      const auto size = static_cast<int64_t>(bytes.size());
      const int64_t start = args::Integer(info[1], "start", 0, size);
      const int64_t end = args::Integer(info[2], "end", start, size);
      const bool last = args::Boolean(info[3], "last");
      const ColumnArguments columns = FrameColumnArguments(info, 4);
      if (columns.progress.size() < 4) throw args::Wrong("progress", "at least 4 elements");
      const auto done =
          records_->Parse(bytes.subspan(static_cast<size_t>(start), static_cast<size_t>(end - start)), last,
                          columns.out, {columns.frames, columns.dataBytes, 0, 0});
      columns.progress[0] = static_cast<uint32_t>(done.frames);
      columns.progress[1] = static_cast<uint32_t>(done.dataBytes);
      columns.progress[2] = static_cast<uint32_t>(done.consumed);
      columns.progress[3] = done.wanted;
      return info.Env().Undefined();
    });
  }

  /// append(sequence, bytes, last)
  Napi::Value Append(const Napi::CallbackInfo& info) {
    return Guard(info.Env(), [&]() -> Napi::Value {
      records_->Append(static_cast<uint32_t>(args::Integer(info[0], "sequence", 0, UINT32_MAX)),
                       args::TypedArray<uint8_t>(info[1], "bytes"), args::Boolean(info[2], "last"));
      return info.Env().Undefined();
    });
  }

  Napi::Value Summary(const Napi::CallbackInfo& info) {
    return Guard(info.Env(), [&]() -> Napi::Value {
      const Napi::Env env = info.Env();
      Napi::Object summary = Napi::Object::New(env);
      summary.Set("damaged", static_cast<double>(records_->damaged()));
      summary.Set("broken", records_->broken());
      Napi::Array problems = Napi::Array::New(env);
      for (const Mf4Problem& problem : records_->problems()) {
        Napi::Object entry = Napi::Object::New(env);
        entry.Set("record", static_cast<double>(problem.record));
        entry.Set("text", problem.text);
        problems.Set(problems.Length(), entry);
      }
      summary.Set("problems", problems);
      Napi::Array counts = Napi::Array::New(env);
      for (const uint64_t count : records_->counts()) counts.Set(counts.Length(), static_cast<double>(count));
      summary.Set("counts", counts);
      return summary;
    });
  }

  /// untranspose(transposed, columns, out)
  static Napi::Value Untransposed(const Napi::CallbackInfo& info) {
    return Guard(info.Env(), [&]() -> Napi::Value {
      Untranspose(args::TypedArray<uint8_t>(info[0], "transposed"),
                  static_cast<size_t>(args::Integer(info[1], "columns", 0, UINT32_MAX)),
                  args::TypedArray<uint8_t>(info[2], "out"));
      return info.Env().Undefined();
    });
  }

  std::unique_ptr<Mf4Records> records_;
};

}  // namespace

void DefineMf4(Napi::Env env, Napi::Object exports) {
  exports.Set("Mf4Records", Mf4RecordsObject::Define(env));
}

}  // namespace vigil::can
