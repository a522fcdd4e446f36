#include "can/can_socket.h"

#include <fcntl.h>
#include <linux/can/error.h>
#include <linux/can/raw.h>
#include <linux/net_tstamp.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "core/error.h"

namespace vigil::can {
namespace {

// The classic frame is read through the FD frame's layout: identifier, length and payload lie at the same
// places.
static_assert(offsetof(can_frame, data) == offsetof(canfd_frame, data));
static_assert(CANFD_MAX_DLEN == kMaxPayload);

constexpr uint32_t kExtendedKey = 0x80000000U;
constexpr uint32_t kGroupKey = 0xc0000000U;

[[noreturn]] void ThrowOpenFailure(const std::string& interface, int error) {
  if (error == EAFNOSUPPORT || error == EPROTONOSUPPORT) {
    throw Error("CAN_UNSUPPORTED", "Expected CAN sockets in this kernel but it has none.",
                "Load the modules can and can-raw, or reach the bus through socketcand or slcan.");
  }
  if (error == ENODEV) {
    throw Error("CAN_INTERFACE_MISSING",
                "Expected a CAN interface called " + interface + " but there is none.",
                "`ip -br link show type can` lists them.");
  }
  throw Error("CAN_OPEN_FAILED",
              "Expected to open the CAN interface " + interface + " but: " + std::strerror(error) + ".",
              error == EPERM ? "Raw CAN sockets may need the capability CAP_NET_RAW." : "");
}

}  // namespace

size_t ToWire(const LiveFrame& frame, canfd_frame* wire) noexcept {
  std::memset(wire, 0, sizeof *wire);
  wire->can_id = frame.id;
  if (frame.flags & kExtended) wire->can_id |= CAN_EFF_FLAG;
  if (frame.flags & kErrorFrame) wire->can_id |= CAN_ERR_FLAG;
  wire->len = frame.length;
  if (frame.flags & kRemote) {
    wire->can_id |= CAN_RTR_FLAG;
    return CAN_MTU;
  }
  std::memcpy(wire->data, frame.data.data(), frame.length);
  if (!(frame.flags & kFd)) return CAN_MTU;
  if (frame.flags & kBitRateSwitch) wire->flags |= CANFD_BRS;
  if (frame.flags & kErrorStateIndicator) wire->flags |= CANFD_ESI;
  return CANFD_MTU;
}

bool FromWire(const canfd_frame& wire, size_t bytes, LiveFrame* frame) noexcept {
  const bool fd = bytes == CANFD_MTU;
  if (!fd && bytes != CAN_MTU) return false;
  if (wire.len > (fd ? CANFD_MAX_DLEN : CAN_MAX_DLEN)) return false;
  uint8_t flags = fd ? uint8_t{kFd} : uint8_t{0};
  if (wire.can_id & CAN_ERR_FLAG) {
    flags |= kErrorFrame;
    frame->id = wire.can_id & CAN_ERR_MASK;
  } else if (wire.can_id & CAN_EFF_FLAG) {
    flags |= kExtended;
    frame->id = wire.can_id & CAN_EFF_MASK;
  } else {
    frame->id = wire.can_id & CAN_SFF_MASK;
  }
  if (wire.can_id & CAN_RTR_FLAG) flags |= kRemote;
  if (fd && (wire.flags & CANFD_BRS)) flags |= kBitRateSwitch;
  if (fd && (wire.flags & CANFD_ESI)) flags |= kErrorStateIndicator;
  frame->flags = flags;
  frame->length = wire.len;
  if (flags & kRemote) {
    std::memset(frame->data.data(), 0, wire.len);
  } else {
    std::memcpy(frame->data.data(), wire.data, wire.len);
  }
  return true;
}

FrameFilter::FrameFilter(const std::vector<uint32_t>& keys) : all_(false) {
  for (const uint32_t key : keys) {
    if (key >= kGroupKey) {
      // Below PDU format 240 (PDU1) the byte after the format is the destination.
      const uint32_t mask = ((key >> 16) & 0xff) < 240 ? 0x03ff0000 : 0x03ffff00;
      const Group group{key & mask, mask};
      if (std::find(groups_.begin(), groups_.end(), group) == groups_.end()) groups_.push_back(group);
    } else if (key & kExtendedKey) {
      extended_.push_back(key & CAN_EFF_MASK);
    } else if (key <= CAN_SFF_MASK) {
      standard_.set(key);
    } else {
      throw Error("INVALID_ARGUMENT",
                  "Expected identifiers of 11 bits, or of 29 bits with bit 31 set, but got " +
                      std::to_string(key) + ".");
    }
  }
  std::sort(extended_.begin(), extended_.end());
  extended_.erase(std::unique(extended_.begin(), extended_.end()), extended_.end());
}

bool FrameFilter::Passes(const LiveFrame& frame) const noexcept {
  if (all_ || (frame.flags & kErrorFrame)) return true;
  if (frame.flags & kExtended) {
    return std::binary_search(extended_.begin(), extended_.end(), frame.id) ||
           std::any_of(groups_.begin(), groups_.end(),
                       [&](const Group& group) { return (frame.id & group.mask) == group.id; });
  }
  return standard_.test(frame.id & CAN_SFF_MASK);
}

std::vector<can_filter> FrameFilter::ToKernel() const {
  std::vector<can_filter> filters;
  if (all_) {
    filters.push_back({0, 0});
    return filters;
  }
  for (size_t id = 0; id < standard_.size(); ++id) {
    if (standard_.test(id)) filters.push_back({static_cast<canid_t>(id), CAN_EFF_FLAG | CAN_SFF_MASK});
  }
  for (const uint32_t id : extended_) {
    filters.push_back({id | CAN_EFF_FLAG, CAN_EFF_FLAG | CAN_EFF_MASK});
  }
  for (const Group& group : groups_) filters.push_back({group.id | CAN_EFF_FLAG, CAN_EFF_FLAG | group.mask});
  return filters;
}

CanSocket::CanSocket(CanSocketOptions options) : options_(std::move(options)) {
  if (isInterface()) {
    const int descriptor = OpenInterface();
    if (descriptor < 0) ThrowOpenFailure(options_.interface, errno);
    descriptor_ = descriptor;
    return;
  }
  const int descriptor = fcntl(options_.descriptor, F_DUPFD_CLOEXEC, 0);
  if (descriptor < 0) {
    throw Error("CAN_OPEN_FAILED",
                std::string("Expected an open descriptor but: ") + std::strerror(errno) + ".");
  }
  Configure(descriptor);
  descriptor_ = descriptor;
}

CanSocket::~CanSocket() { Close(); }

void CanSocket::Close() noexcept {
  const std::lock_guard lock(mutex_);
  const int descriptor = descriptor_.exchange(-1);
  if (descriptor >= 0) close(descriptor);
}

void CanSocket::Configure(int descriptor) const noexcept {
  // FORCE needs CAP_NET_ADMIN; without it the system's limit (net.core.rmem_max) holds.
  const int bytes = options_.receiveBufferBytes;
  if (setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0) {
    setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  }
  const int on = 1;
  setsockopt(descriptor, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on);
  const int stamping = SOF_TIMESTAMPING_RX_HARDWARE | SOF_TIMESTAMPING_RAW_HARDWARE |
                       SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
  setsockopt(descriptor, SOL_SOCKET, SO_TIMESTAMPING, &stamping, sizeof stamping);
}

int CanSocket::ApplyFilter(int descriptor) const noexcept {
  const std::vector<can_filter> filters = filterHere_ ? FrameFilter().ToKernel() : filter_.ToKernel();
  return setsockopt(descriptor, SOL_CAN_RAW, CAN_RAW_FILTER, filters.data(),
                    static_cast<socklen_t>(filters.size() * sizeof(can_filter)));
}

int CanSocket::OpenInterface() const noexcept {
  const int descriptor = socket(PF_CAN, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, CAN_RAW);
  if (descriptor < 0) return -1;
  const int on = 1;
  const can_err_mask_t errors = CAN_ERR_MASK;
  sockaddr_can address{};
  address.can_family = AF_CAN;
  address.can_ifindex = static_cast<int>(if_nametoindex(options_.interface.c_str()));
  bool good = address.can_ifindex != 0;
  if (!good) errno = ENODEV;
  // Refused by kernels without CAN FD, which are older than anything supported: then FD frames do not come.
  setsockopt(descriptor, SOL_CAN_RAW, CAN_RAW_FD_FRAMES, &on, sizeof on);
  if (options_.receiveOwn) setsockopt(descriptor, SOL_CAN_RAW, CAN_RAW_RECV_OWN_MSGS, &on, sizeof on);
  Configure(descriptor);
  good = good && setsockopt(descriptor, SOL_CAN_RAW, CAN_RAW_ERR_FILTER, &errors, sizeof errors) == 0 &&
         ApplyFilter(descriptor) == 0 &&
         bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  if (good) return descriptor;
  const int error = errno;
  close(descriptor);
  errno = error;
  return -1;
}

bool CanSocket::LinkUp() const noexcept {
  if (!isInterface()) return descriptor_ >= 0;
  ifreq request{};
  options_.interface.copy(request.ifr_name, IFNAMSIZ - 1);
  const int descriptor = descriptor_;
  if (descriptor < 0 || ioctl(descriptor, SIOCGIFFLAGS, &request) != 0) return false;
  return (request.ifr_flags & IFF_UP) != 0;
}

bool CanSocket::Reopen() noexcept {
  if (!isInterface()) return false;
  Close();
  const std::lock_guard lock(mutex_);
  const int descriptor = OpenInterface();
  if (descriptor < 0) return false;
  descriptor_ = descriptor;
  return true;
}

int CanSocket::Send(const LiveFrame& frame) noexcept {
  canfd_frame wire;
  const size_t bytes = ToWire(frame, &wire);
  const std::lock_guard lock(mutex_);
  const int descriptor = descriptor_;
  if (descriptor < 0) return EBADF;
  const ssize_t sent = send(descriptor, &wire, bytes, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0) return errno;
  return static_cast<size_t>(sent) == bytes ? 0 : EMSGSIZE;
}

void CanSocket::SetFilter(FrameFilter filter) {
  const std::lock_guard lock(mutex_);
  filter_ = std::move(filter);
  const bool tooMany = !filter_.all() && filter_.ToKernel().size() > kMaxKernelFilters;
  filterHere_ = !filter_.all() && (tooMany || !isInterface());
  const int descriptor = descriptor_;
  if (!isInterface() || descriptor < 0) return;
  if (ApplyFilter(descriptor) != 0) {
    throw Error("CAN_FILTER_FAILED",
                std::string("Expected the kernel to take the filters but: ") + std::strerror(errno) + ".");
  }
}

bool CanSocket::Passes(const LiveFrame& frame) const {
  if (!filterHere_) return true;
  const std::lock_guard lock(mutex_);
  return filter_.Passes(frame);
}

}  // namespace vigil::can
