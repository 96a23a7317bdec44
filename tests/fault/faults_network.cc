#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <string>
#include <vector>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/fault/faults.h"

// What happens to connections, of clients with a server and of a server with its database.
namespace almanac::testing {
namespace {

using Direction = Proxy::Direction;

// One of the two proxies of a server.
Proxy& AnySide(Cluster& cluster, absl::BitGenRef random, Injection& injection) {
  injection.replica = AnyReplica(cluster, random);
  const bool of_clients = absl::Bernoulli(random, 0.5);
  injection.what = of_clients ? "between clients and server: " : "between server and database: ";
  return of_clients ? cluster.client_proxy(injection.replica) : cluster.database_proxy(injection.replica);
}

Direction AnyDirection(absl::BitGenRef random) {
  return absl::Bernoulli(random, 0.5) ? Direction::kToServer : Direction::kToClient;
}

const char* NameOf(Direction direction) { return direction == Direction::kToServer ? "requests" : "answers"; }

absl::Status CutConnections(Cluster& cluster, absl::BitGenRef random, Injection& injection) {
  Proxy& proxy = AnySide(cluster, random, injection);
  const int times = absl::Uniform(absl::IntervalClosed, random, 1, 5);
  const auto ending = absl::Bernoulli(random, 0.5) ? Proxy::Ending::kReset : Proxy::Ending::kFin;
  for (int i = 0; i < times; ++i) {
    proxy.Cut(ending);
    absl::SleepFor(Between(random, absl::ZeroDuration(), absl::Milliseconds(700)));
  }
  absl::StrAppend(&injection.what, "cut ", times, " times by ", ending == Proxy::Ending::kReset ? "RST" : "FIN");
  return absl::OkStatus();
}

absl::Status DelayTraffic(Cluster& cluster, absl::BitGenRef random, Injection& injection) {
  Proxy& proxy = AnySide(cluster, random, injection);
  for (const Direction direction : {Direction::kToServer, Direction::kToClient}) {
    const absl::Duration delay = Between(random, absl::ZeroDuration(), absl::Milliseconds(400));
    proxy.Delay(direction, delay);
    absl::StrAppend(&injection.what, NameOf(direction), " ", absl::FormatDuration(delay), " late, ");
  }
  const absl::Duration held = Between(random, absl::Seconds(1), absl::Seconds(5));
  absl::SleepFor(held);
  absl::StrAppend(&injection.what, "for ", absl::FormatDuration(held));
  return absl::OkStatus();
}

absl::Status HalfCloseConnections(Cluster& cluster, absl::BitGenRef random, Injection& injection) {
  Proxy& proxy = AnySide(cluster, random, injection);
  const Direction direction = AnyDirection(random);
  proxy.HalfClose(direction);
  absl::SleepFor(Between(random, absl::Milliseconds(100), absl::Seconds(3)));
  // Who was told nothing may wait for an answer that cannot come.
  proxy.Cut(Proxy::Ending::kReset);
  absl::StrAppend(&injection.what, "closed for ", NameOf(direction), " alone");
  return absl::OkStatus();
}

absl::Status Silence(Cluster& cluster, absl::BitGenRef random, Injection& injection) {
  Proxy& proxy = AnySide(cluster, random, injection);
  const int which = absl::Uniform(random, 0, 3);
  if (which != 0) proxy.Hold(Direction::kToServer);
  if (which != 1) proxy.Hold(Direction::kToClient);
  const absl::Duration held = Between(random, absl::Milliseconds(500), absl::Seconds(8));
  absl::SleepFor(held);
  const bool arrives = absl::Bernoulli(random, 0.5);
  if (!arrives) proxy.Cut(Proxy::Ending::kReset);
  absl::StrAppend(&injection.what,
                  which == 0   ? "no answers"
                  : which == 1 ? "no requests"
                               : "nothing",
                  " came through for ", absl::FormatDuration(held), arrives ? ", then all of it" : ", then it broke");
  return absl::OkStatus();
}

absl::Status RefuseConnections(Cluster& cluster, absl::BitGenRef random, Injection& injection) {
  Proxy& proxy = AnySide(cluster, random, injection);
  proxy.Refuse();
  proxy.Cut(Proxy::Ending::kReset);
  const absl::Duration held = Between(random, absl::Milliseconds(500), absl::Seconds(4));
  absl::SleepFor(held);
  absl::StrAppend(&injection.what, "no connection for ", absl::FormatDuration(held));
  return absl::OkStatus();
}

absl::Status ConnectionStorm(Cluster& cluster, absl::BitGenRef random, Injection& injection) {
  injection.replica = AnyReplica(cluster, random);
  constexpr int kConnections = 2000;
  const int count = Storm(cluster.client_proxy(injection.replica).port(), kConnections,
                          Between(random, absl::Milliseconds(500), absl::Seconds(3)));
  if (count < kConnections) {
    return absl::ResourceExhaustedError(absl::StrCat("only ", count, " connections could be opened"));
  }
  injection.what = absl::StrCat(count, " connections at once");
  return absl::OkStatus();
}

}  // namespace

int Storm(int port, int connections, absl::Duration held) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  constexpr char kPreface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  constexpr char kNoise[] = "GET / HTTP/1.1\r\n\r\n";
  std::vector<int> sockets;
  for (int i = 0; i < connections; ++i) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
      if (fd >= 0) close(fd);
      continue;
    }
    // Some say nothing, some begin as a client of gRPC, some are none.
    const char* words = i % 3 == 1 ? kPreface : i % 3 == 2 ? kNoise : "";
    (void)send(fd, words, strlen(words), MSG_NOSIGNAL);
    sockets.push_back(fd);
  }
  absl::SleepFor(held);
  for (const int fd : sockets) close(fd);
  return static_cast<int>(sockets.size());
}

std::vector<Fault> NetworkFaults() {
  return {
      MakeFault("cut", CutConnections),
      MakeFault("delay", DelayTraffic),
      MakeFault("half-close", HalfCloseConnections),
      MakeFault("silence", Silence),
      MakeFault("refuse", RefuseConnections),
      MakeFault("connection-storm", ConnectionStorm),
  };
}

}  // namespace almanac::testing
