#include "core/datagram.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

#include "core/error.h"

namespace vigil {

DatagramSender::DatagramSender(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path)) {
    throw Error("INVALID_ARGUMENT", "Expected a socket path of 1 to " +
                                        std::to_string(sizeof(address.sun_path) - 1) + " bytes but it has " +
                                        std::to_string(path.size()) + ".");
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  if (path[0] == '@') address.sun_path[0] = '\0';
  // An abstract name ends where the address ends; a path at its zero byte.
  const size_t size = offsetof(sockaddr_un, sun_path) + path.size() + (path[0] == '@' ? 0 : 1);
  address_.assign(reinterpret_cast<const char*>(&address), size);
  socket_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket_ < 0) {
    throw Error("SYSTEM_CALL_FAILED",
                std::string("Expected a datagram socket but got: ") + std::strerror(errno) + ".");
  }
}

DatagramSender::~DatagramSender() { close(socket_); }

int DatagramSender::Send(std::string_view text) noexcept {
  const auto sent =
      sendto(socket_, text.data(), text.size(), MSG_NOSIGNAL,
             reinterpret_cast<const sockaddr*>(address_.data()), static_cast<socklen_t>(address_.size()));
  return sent < 0 ? errno : 0;
}

}  // namespace vigil
