#pragma once

#include <napi.h>

#include <string>

#include "can/frame_columns.h"
#include "core/error.h"
#include "core/napi_arguments.h"

namespace vigil::can {

/// What a log parser's `parse` gets after its input: t, id, flags, channel, length, offset, data, progress.
struct ColumnArguments {
  MutableFrameColumns out;
  size_t frames;     ///< in the columns already
  size_t dataBytes;  ///< in the columns' data already
  std::span<uint32_t> progress;
};

/// Columns of equal size from the arguments that begin at `first`, and `progress` of at least 3 elements.
/// Throws Error INVALID_ARGUMENT. The views are valid for the duration of the call only.
inline ColumnArguments FrameColumnArguments(const Napi::CallbackInfo& info, size_t first) {
  const size_t room = args::TypedArray<double>(info[first], "t").size();
  const auto fits = [room](auto column, const char* name) {
    if (column.size() < room) throw args::Wrong(name, "as many elements as t has");
    return column.first(room);
  };
  const ColumnArguments columns{
      {args::TypedArray<double>(info[first], "t"),
       fits(args::TypedArray<uint32_t>(info[first + 1], "id"), "id"),
       fits(args::TypedArray<uint8_t>(info[first + 2], "flags"), "flags"),
       fits(args::TypedArray<uint8_t>(info[first + 3], "channel"), "channel"),
       fits(args::TypedArray<uint8_t>(info[first + 4], "length"), "length"),
       fits(args::TypedArray<uint32_t>(info[first + 5], "offset"), "offset"),
       args::TypedArray<uint8_t>(info[first + 6], "data")},
      0,
      0,
      args::TypedArray<uint32_t>(info[first + 7], "progress"),
  };
  if (columns.progress.size() < 3) throw args::Wrong("progress", "at least 3 elements");
  if (columns.out.data.size() > UINT32_MAX) throw args::Wrong("data", "fewer than 2^32 bytes");
  ColumnArguments filled = columns;
  filled.frames = columns.progress[0];
  filled.dataBytes = columns.progress[1];
  if (filled.frames > room || filled.dataBytes > columns.out.data.size()) {
    throw args::Wrong("progress", "frames and bytes that fit the columns");
  }
  return filled;
}

}  // namespace vigil::can
