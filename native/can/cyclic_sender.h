#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "can/can_socket.h"
#include "core/histogram.h"

namespace vigil::can {

struct CyclicMessage {
  LiveFrame frame;                ///< identifier, flags, length; the payload comes from `payloads`
  std::vector<uint8_t> payloads;  ///< one or more payloads of `frame.length` bytes, sent in turn
  double periodMs = 100;
  uint64_t count = 0;  ///< stop after so many frames, failed ones included; 0: until stopped
};

struct CyclicCounters {
  uint64_t sent = 0;
  uint64_t failed = 0;   ///< the kernel did not take the frame; the next deadline stays
  uint64_t late = 0;     ///< sent more than `lateAfterMs` after the deadline
  uint64_t skipped = 0;  ///< deadlines more than a period behind: not made up for, the phase is kept
  int lastError = 0;     ///< errno of the newest failure
  double maxLateMs = 0;
  bool finished = false;
};

struct CyclicOptions {
  double lateAfterMs = 1;
  std::optional<int> fifoPriority;  ///< SCHED_FIFO; silently kept normal where not permitted
};

/// One thread that sends messages at absolute deadlines: start + n * period, so that no delay adds up.
/// Several payloads a message are sent in turn, which carries rolling counters and checksums without a call a
/// frame.
///
/// `send` returns 0 or an errno and is called on the thread without the lock, as is `finished`, when a
/// message has reached its count. All members may be called from any thread; the destructor stops and joins.
class CyclicSender {
 public:
  using Send = std::function<int(const LiveFrame&)>;
  using Finished = std::function<void()>;

  CyclicSender(CyclicOptions options, Send send, Finished finished);
  ~CyclicSender();
  CyclicSender(const CyclicSender&) = delete;
  CyclicSender& operator=(const CyclicSender&) = delete;

  /// Sends at once and then every period. Returns a handle. Throws Error INVALID_ARGUMENT for a period under
  /// 0.1 ms or payloads that are no multiple of the length.
  uint32_t Start(CyclicMessage message);
  /// Takes new payloads from the next deadline on, the first of them first. False when the handle is not
  /// known.
  bool Update(uint32_t handle, std::vector<uint8_t> payloads);
  /// No frame follows once this returned. False when the handle is not known.
  bool Stop(uint32_t handle);
  std::optional<CyclicCounters> Counters(uint32_t handle) const;
  /// How long after their deadlines frames were sent, all messages together.
  Histogram::Snapshot Lateness() const noexcept { return lateness_.Read(); }

 private:
  struct Entry {
    CyclicMessage message;
    CyclicCounters counters;
    int64_t periodNs = 0;
    int64_t nextNs = 0;
    uint64_t attempts = 0;  ///< sent and failed
    size_t position = 0;    ///< payload that is next
  };
  using Entries = std::map<uint32_t, Entry>;

  void Loop();
  void Configure();
  /// Waits for the deadline (CLOCK_MONOTONIC, ns; negative: none) or a change.
  void Await(int64_t deadlineNs) const;
  void Signal() const;
  int64_t EarliestNs() const;
  /// Sends what is due; returns whether a message reached its count.
  bool SendDue(std::unique_lock<std::mutex>* lock, int64_t nowNs);
  bool SendOne(std::unique_lock<std::mutex>* lock, uint32_t handle);

  const CyclicOptions options_;
  const Send send_;
  const Finished finished_;
  int changeEvent_ = -1;
  int timer_ = -1;
  mutable std::mutex mutex_;
  std::mutex sendMutex_;  ///< held while a frame is handed over, so that Stop can promise silence
  Entries entries_;
  uint32_t nextHandle_ = 1;
  bool stopping_ = false;
  std::vector<std::pair<int64_t, uint32_t>> due_;  ///< the thread's own; deadline and handle
  Histogram lateness_;
  std::thread thread_;  // last: starts when everything above is built
};

}  // namespace vigil::can
