#include "can/mf4.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "can/bytes.h"
#include "core/error.h"

namespace vigil::can {
namespace {

constexpr uint32_t kIdMask = 0x1fffffff, kExtendedBit = 0x80000000, kHighestStandardId = 0x7ff;
constexpr uint8_t kCodeLength[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48, 64};
/// Values kept behind the newest; records point to ones that are near.
constexpr size_t kKeptValues = 4u << 20;
/// Records waiting for a value; more means that it is not there.
constexpr size_t kMaxWaiting = 16u << 20;
constexpr size_t kSlack = 8;

uint64_t Mask(uint8_t bits) { return bits >= 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1; }

/// The field's bits, 0 where the record has no such field. 8 bytes behind the record can be read.
uint64_t Bits(const Mf4Field& field, const uint8_t* record) {
  if (field.bits == 0) return 0;
  auto word = LoadLittle<uint64_t>(record + field.byte);
  if (field.bigEndian) word = __builtin_bswap64(word) >> (64 - ((field.bit + field.bits + 7) / 8) * 8);
  return (word >> field.bit) & Mask(field.bits);
}

double Number(const Mf4Field& field, const uint8_t* record) {
  if (field.bits == 0) return 0;
  const uint64_t bits = Bits(field, record);
  if (field.isFloat) {
    return field.bits == 32 ? static_cast<double>(std::bit_cast<float>(static_cast<uint32_t>(bits)))
                            : std::bit_cast<double>(bits);
  }
  if (!field.isSigned) return static_cast<double>(bits);
  const int unused = 64 - field.bits;
  return static_cast<double>(static_cast<int64_t>(bits << unused) >> unused);
}

void Check(const Mf4Field& field, const Mf4Group& group) {
  if (field.bits == 0) return;
  const uint32_t bits = field.bit + field.bits;
  const bool floatFits = !field.isFloat || (field.bit == 0 && (field.bits == 32 || field.bits == 64));
  if (field.bit > 7 || bits > 64 || !floatFits || uint64_t{field.byte} + (bits + 7) / 8 > group.recordBytes) {
    throw Error("INVALID_ARGUMENT", "Expected every field inside of its record.");
  }
}

}  // namespace

Mf4Records::Mf4Records(std::vector<Mf4Group> groups, uint32_t recordIdBytes, uint32_t sequences, bool inOrder)
    : groups_(std::move(groups)),
      recordIdBytes_(recordIdBytes),
      inOrder_(inOrder),
      sequences_(sequences),
      counts_(groups_.size()) {
  const bool idFits = recordIdBytes == 0   ? groups_.size() == 1
                      : recordIdBytes <= 8 ? std::has_single_bit(recordIdBytes)
                                           : false;
  if (!idFits)
    throw Error("INVALID_ARGUMENT", "Expected record ids of 1, 2, 4 or 8 bytes, or a single group.");
  for (const Mf4Group& group : groups_) {
    const bool isVariable = group.kind == Mf4Group::Kind::kVariable;
    if (group.sequence >= static_cast<int64_t>(sequences) || (isVariable && group.sequence < 0) ||
        group.recordBytes > kMaxRecord || (!isVariable && recordIdBytes + group.recordBytes == 0)) {
      throw Error("INVALID_ARGUMENT", "Expected groups with sequences that are there and possible records.");
    }
    for (const Mf4Field* field :
         {&group.time, &group.id, &group.extended, &group.code, &group.length, &group.transmitted,
          &group.channel, &group.fd, &group.bitRateSwitch, &group.errorState, &group.remote}) {
      Check(*field, group);
    }
    // Payload in the record: `bits` counts its bytes then.
    if (group.sequence >= 0) {
      Check(group.data, group);
    } else if (uint64_t{group.data.byte} + group.data.bits > group.recordBytes) {
      throw Error("INVALID_ARGUMENT", "Expected the payload inside of its record.");
    }
    if (isVariable) sequences_[static_cast<size_t>(group.sequence)].filled = true;
  }
}

const Mf4Group* Mf4Records::Find(uint64_t recordId, uint32_t* index) const {
  for (uint32_t i = 0; i < groups_.size(); ++i) {
    if (recordIdBytes_ == 0 || groups_[i].recordId == recordId) {
      *index = i;
      return &groups_[i];
    }
  }
  return nullptr;
}

Mf4Records::Progress Mf4Records::Parse(std::span<const uint8_t> bytes, bool last,
                                       const MutableFrameColumns& out, Progress filled) {
  Progress progress = filled;
  progress.consumed = 0;
  progress.wanted = 0;
  const auto hasRoom = [&] {
    return progress.frames < out.t.size() && out.data.size() - progress.dataBytes >= kMaxPayload;
  };
  const auto drain = [&](bool giveUp) {
    while (!waiting_.empty() && hasRoom()) {
      const Waiting& head = waiting_.front();
      if (Read(groups_[head.group], head.bytes.data(), head.record, out, &progress) == Outcome::kWait) {
        if (!giveUp && waitingBytes_ < kMaxWaiting) return;
        Report(head.record, "expected the payload of a frame and found that it is nowhere in the file");
      }
      waitingBytes_ -= head.bytes.size();
      waiting_.pop_front();
    }
  };
  while (!broken_ && hasRoom()) {
    drain(false);
    if (!hasRoom()) break;
    const uint8_t* at = bytes.data() + progress.consumed;
    size_t left = bytes.size() - progress.consumed;
    if (left < recordIdBytes_ || left == 0) break;
    uint64_t recordId = 0;
    std::memcpy(&recordId, at, recordIdBytes_);
    uint32_t index = 0;
    const Mf4Group* group = Find(recordId, &index);
    if (group == nullptr) {
      Report(records_, "expected the id of a channel group and found " + std::to_string(recordId) +
                           ": what follows can't be read");
      broken_ = true;
      break;
    }
    at += recordIdBytes_;
    left -= recordIdBytes_;
    if (group->kind == Mf4Group::Kind::kVariable) {
      if (left < 4) break;
      const auto size = LoadLittle<uint32_t>(at);
      if (size > kMaxRecord) {
        Report(records_, "expected a value of at most 1 MiB and found " + std::to_string(size) +
                             " bytes: what follows can't be read");
        broken_ = true;
        break;
      }
      if (left < 4 + size_t{size}) break;
      Fill(sequences_[static_cast<size_t>(group->sequence)], {at, 4 + size_t{size}});
      progress.consumed += recordIdBytes_ + 4 + size;
    } else {
      if (left < group->recordBytes) break;
      if (group->kind != Mf4Group::Kind::kSkip) {
        if (left < group->recordBytes + kSlack || !waiting_.empty()) {
          padded_.assign(group->recordBytes + kSlack, 0);
          std::memcpy(padded_.data(), at, group->recordBytes);
          at = padded_.data();
        }
        if (!waiting_.empty() || Read(*group, at, records_, out, &progress) == Outcome::kWait) {
          if (progress.wanted > 0) break;
          std::vector<uint8_t> copy(group->recordBytes + kSlack);
          std::memcpy(copy.data(), at, group->recordBytes);
          waitingBytes_ += copy.size();
          waiting_.push_back({index, records_, std::move(copy)});
        }
      }
      progress.consumed += recordIdBytes_ + group->recordBytes;
    }
    ++counts_[index];
    ++records_;
  }
  // Nothing can be whole in what is left; so whatever waits has waited in vain.
  if (last && progress.wanted == 0) drain(true);
  return progress;
}

Mf4Records::Outcome Mf4Records::Read(const Mf4Group& group, const uint8_t* record, uint64_t number,
                                     const MutableFrameColumns& out, Progress* progress) {
  const auto bit = [record](const Mf4Field& field) { return field.bits > 0 && Bits(field, record) != 0; };
  const auto has = [](const Mf4Field& field) { return field.bits > 0; };
  uint8_t flags = 0;
  if (group.kind == Mf4Group::Kind::kError) flags |= kErrorFrame;
  if (group.kind == Mf4Group::Kind::kRemote || bit(group.remote)) flags |= kRemote;
  if (bit(group.fd)) flags |= kFd;
  if (bit(group.bitRateSwitch)) flags |= kBitRateSwitch;
  if (bit(group.errorState)) flags |= kErrorStateIndicator;
  if (bit(group.transmitted)) flags |= kTransmitted;

  size_t length = 0;
  const bool hasCode = has(group.code), hasLength = has(group.length);
  if (hasCode) length = kCodeLength[Bits(group.code, record) & 15];
  // The length of a remote frame's data is 0; what it asks for is in the code.
  if (hasLength && !(flags & kRemote && hasCode)) length = static_cast<size_t>(Bits(group.length, record));
  const uint8_t* data = nullptr;
  if (flags & kRemote) {
    length = std::min<size_t>(length, 8);
  } else if (group.sequence >= 0) {
    Sequence& sequence = sequences_[static_cast<size_t>(group.sequence)];
    size_t size = 0;
    const uint64_t offset = inOrder_ ? sequence.next : Bits(group.data, record);
    if (!Value(sequence, offset, &data, &size)) {
      if (!sequence.filled) progress->wanted = static_cast<uint32_t>(group.sequence) + 1;
      return Outcome::kWait;
    }
    if (data == nullptr) {
      Report(number, "expected the payload of a frame and found that it is nowhere in the file");
      return Outcome::kDone;
    }
    if (!hasLength && !hasCode) length = size;
    if (size < length) length = kMaxPayload + 1;
  } else if (group.data.bits > 0) {
    data = record + group.data.byte;
    if (!hasLength && !hasCode) length = group.data.bits;
    if (group.data.bits < length) length = kMaxPayload + 1;
  } else if (group.kind == Mf4Group::Kind::kError) {
    length = 0;
  }
  if (length > 8 && !(flags & kFd)) flags |= kFd;
  const double time = Number(group.time, record);
  const double t =
      (group.timeDivisor != 0 ? time / group.timeDivisor : time * group.timeFactor) + group.timeOffset;
  const uint64_t stored = has(group.channel) ? Bits(group.channel, record) : group.channelBase;
  const uint64_t channel = stored < group.channelBase ? 0 : stored - group.channelBase;
  if (length > kMaxPayload || channel > 255 || !std::isfinite(t)) {
    Report(number, "expected a frame and found one with an impossible length, channel or time");
    return Outcome::kDone;
  }
  const uint64_t identifier = has(group.id) ? Bits(group.id, record) : 0;
  const auto id = static_cast<uint32_t>(identifier & kIdMask);
  // An identifier that 11 bits can't hold has 29, whatever the record says.
  const bool extended = has(group.extended) ? bit(group.extended) : (identifier & kExtendedBit) != 0;
  if (extended || (id > kHighestStandardId && !(flags & kErrorFrame))) flags |= kExtended;

  const size_t row = progress->frames++;
  out.t[row] = t;
  out.id[row] = id;
  out.flags[row] = flags;
  out.channel[row] = static_cast<uint8_t>(channel);
  out.length[row] = static_cast<uint8_t>(length);
  out.offset[row] = static_cast<uint32_t>(progress->dataBytes);
  uint8_t* payload = out.data.data() + progress->dataBytes;
  if (data == nullptr) {
    std::memset(payload, 0, length);
  } else {
    std::memcpy(payload, data, length);
  }
  progress->dataBytes += length;
  return Outcome::kDone;
}

bool Mf4Records::Value(Sequence& sequence, uint64_t offset, const uint8_t** data, size_t* size) {
  *data = nullptr;
  if (offset < sequence.base) return true;
  const uint64_t end = sequence.base + sequence.bytes.size();
  const auto at = static_cast<size_t>(std::min<uint64_t>(offset - sequence.base, sequence.bytes.size()));
  if (offset > end || end - offset < 4) return sequence.ended;
  const auto length = LoadLittle<uint32_t>(sequence.bytes.data() + at);
  if (length > kMaxRecord) return true;
  if (end - offset < 4 + uint64_t{length}) return sequence.ended;
  *data = sequence.bytes.data() + at + 4;
  *size = length;
  sequence.next = offset + 4 + length;
  return true;
}

void Mf4Records::Fill(Sequence& sequence, std::span<const uint8_t> bytes) {
  if (sequence.bytes.size() > 2 * kKeptValues) {
    const size_t given = sequence.bytes.size() - kKeptValues;
    sequence.bytes.erase(sequence.bytes.begin(), sequence.bytes.begin() + static_cast<ptrdiff_t>(given));
    sequence.base += given;
  }
  sequence.bytes.insert(sequence.bytes.end(), bytes.begin(), bytes.end());
}

void Mf4Records::Append(uint32_t sequence, std::span<const uint8_t> bytes, bool last) {
  if (sequence >= sequences_.size()) {
    throw Error("INVALID_ARGUMENT", "Expected a sequence that is there.");
  }
  Fill(sequences_[sequence], bytes);
  sequences_[sequence].ended |= last;
}

void Mf4Records::Report(uint64_t record, std::string text) {
  ++damaged_;
  if (problems_.size() < kMaxProblems) problems_.push_back({record, std::move(text)});
}

void Untranspose(std::span<const uint8_t> transposed, size_t columns, std::span<uint8_t> out) {
  if (out.size() != transposed.size()) throw Error("INVALID_ARGUMENT", "Expected buffers of the same size.");
  const size_t rows = columns == 0 ? 0 : transposed.size() / columns;
  // In tiles, so that neither side leaves the cache.
  constexpr size_t kTile = 64;
  for (size_t row = 0; row < rows; row += kTile) {
    const size_t rowEnd = std::min(rows, row + kTile);
    for (size_t column = 0; column < columns; ++column) {
      const uint8_t* from = transposed.data() + column * rows;
      for (size_t i = row; i < rowEnd; ++i) out[i * columns + column] = from[i];
    }
  }
  const size_t done = rows * columns;
  if (done < out.size()) std::memcpy(out.data() + done, transposed.data() + done, out.size() - done);
}

}  // namespace vigil::can
