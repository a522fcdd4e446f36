#include "core/heartbeat.h"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <cstring>
#include <string>
#include <thread>

#include "core/clock.h"
#include "core/datagram.h"
#include "core/error.h"

using vigil::DatagramSender;
using vigil::Heartbeat;
using vigil::HeartbeatOptions;

namespace {

void Sleep(int ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

/// A datagram socket in the abstract name space, without waiting.
class Listener {
 public:
  explicit Listener(const std::string& name) : socket_(socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path + 1, name.data(), name.size());
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    REQUIRE(bind(socket_, reinterpret_cast<const sockaddr*>(&address), size) == 0);
  }
  ~Listener() { close(socket_); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  std::string Take() {
    char text[64];
    const auto size = recv(socket_, text, sizeof(text), 0);
    return size < 0 ? std::string() : std::string(text, static_cast<size_t>(size));
  }

 private:
  int socket_;
};

}  // namespace

TEST_CASE("heartbeat: nothing before the first sign of life") {
  std::atomic<int> beats{0};
  Heartbeat heartbeat({5, 20}, [&](uint64_t) { ++beats; });
  Sleep(40);
  CHECK(beats == 0);
  CHECK(heartbeat.Read().stalls == 0);
  CHECK(std::isnan(heartbeat.Read().ageMs));
}

TEST_CASE("heartbeat: stops within limit and a period after the last sign of life, and comes back") {
  std::atomic<double> lastMs{0};
  std::atomic<uint64_t> number{0};
  Heartbeat heartbeat({10, 60}, [&](uint64_t n) {
    number = n;
    lastMs = vigil::MonotonicMs();
  });
  for (int i = 0; i < 10; ++i) {
    heartbeat.Alive();
    Sleep(10);
  }
  heartbeat.Alive();
  const double aliveMs = vigil::MonotonicMs();
  CHECK(number > 0);
  Sleep(200);
  // The check itself is exact: a beat needs a sign of life at most 60 ms old. A busy machine may delay the
  // callback.
  CHECK(lastMs - aliveMs <= 60 + 50);
  const auto stopped = heartbeat.Read();
  CHECK(stopped.beats == number);
  CHECK(stopped.stalls >= 1);
  CHECK(stopped.missed > 0);
  CHECK(stopped.ageMs >= 199);
  heartbeat.Alive();
  Sleep(30);
  CHECK(heartbeat.Read().beats > stopped.beats);
}

TEST_CASE("heartbeat: ends at once when it is destroyed") {
  const double before = vigil::MonotonicMs();
  {
    Heartbeat heartbeat({60'000, 60'000}, [](uint64_t) {});
  }
  CHECK(vigil::MonotonicMs() - before < 1000);
}

TEST_CASE("datagrams: to an abstract name, refused without a listener, a name that is too long") {
  const std::string name = "vigil-heartbeat-test-" + std::to_string(getpid());
  DatagramSender sender("@" + name);
  CHECK(sender.Send("READY=1") != 0);
  Listener listener(name);
  CHECK(sender.Send("READY=1") == 0);
  CHECK(listener.Take() == "READY=1");
  CHECK_THROWS_AS(DatagramSender(std::string(200, 'x')), vigil::Error);
  CHECK_THROWS_AS(DatagramSender(""), vigil::Error);
}
