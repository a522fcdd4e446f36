#pragma once

#include <string>
#include <string_view>

namespace vigil {

/// Sends datagrams to a Unix socket: systemd's notification socket, or a head unit's. A path that begins with
/// '@' is in the abstract name space. Never blocks. One thread at a time.
class DatagramSender {
 public:
  /// Throws Error INVALID_ARGUMENT (name too long or empty), SYSTEM_CALL_FAILED. Nobody has to listen yet.
  explicit DatagramSender(const std::string& path);
  ~DatagramSender();
  DatagramSender(const DatagramSender&) = delete;
  DatagramSender& operator=(const DatagramSender&) = delete;

  /// Returns 0, or the errno of what went wrong: nobody listens, or its queue is full.
  int Send(std::string_view text) noexcept;

 private:
  int socket_;
  std::string address_;  // bytes of a sockaddr_un
};

}  // namespace vigil
