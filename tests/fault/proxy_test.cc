#include "tests/fault/proxy.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace almanac::testing {
namespace {

using Direction = Proxy::Direction;

constexpr int kPatience = 30'000;  // ms: what a working proxy never takes

// One end of a connection.
class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  ~Socket() {
    if (fd_ >= 0) close(fd_);
  }

  static Socket Dial(int port) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<uint16_t>(port));
    Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(connect(socket.fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0) << strerror(errno);
    return socket;
  }

  void Say(const std::string& words) const {
    EXPECT_EQ(send(fd_, words.data(), words.size(), MSG_NOSIGNAL), static_cast<ssize_t>(words.size()));
  }
  // So many bytes, or fewer if the end comes first.
  std::string Hear(size_t count) const {
    std::string heard;
    while (heard.size() < count && Waits(kPatience)) {
      char buffer[4096];
      const ssize_t got = read(fd_, buffer, std::min(sizeof(buffer), count - heard.size()));
      if (got <= 0) break;
      heard.append(buffer, static_cast<size_t>(got));
    }
    return heard;
  }
  // Whether bytes, or the end, come within so many ms.
  bool Waits(int milliseconds) const {
    pollfd waited = {.fd = fd_, .events = POLLIN, .revents = 0};
    return poll(&waited, 1, milliseconds) > 0;
  }
  // How it ended: "FIN", "RST", or what came instead.
  std::string End() const {
    char letter;
    if (!Waits(kPatience)) return "no end";
    const ssize_t got = read(fd_, &letter, 1);
    if (got == 0) return "FIN";
    if (got < 0) return errno == ECONNRESET ? "RST" : strerror(errno);
    return "bytes";
  }
  void Finish() const { shutdown(fd_, SHUT_WR); }
  int fd() const { return fd_; }

 private:
  int fd_;
};

// A server that a test plays by hand, behind a proxy.
class ProxyTest : public ::testing::Test {
 protected:
  ProxyTest() {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(listener_, 1000), 0);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    auto proxy = Proxy::Start(absl::StrCat("127.0.0.1:", ntohs(address.sin_port)));
    EXPECT_TRUE(proxy.ok()) << proxy.status();
    proxy_ = *std::move(proxy);
  }
  ~ProxyTest() override {
    if (listener_ >= 0) close(listener_);
  }

  Socket Accept() const { return Socket(accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)); }
  std::pair<Socket, Socket> Connect() const {
    Socket client = Socket::Dial(proxy_->port());
    return {std::move(client), Accept()};
  }

  int listener_;
  std::unique_ptr<Proxy> proxy_;
};

TEST_F(ProxyTest, PassesBytesBothWaysAndEndsInOrder) {
  const auto [client, server] = Connect();
  client.Say("question");
  EXPECT_EQ(server.Hear(8), "question");
  server.Say("answer");
  EXPECT_EQ(client.Hear(6), "answer");
  client.Finish();
  EXPECT_EQ(server.End(), "FIN");
  server.Say("late");  // the other direction goes on
  EXPECT_EQ(client.Hear(4), "late");
  server.Finish();
  EXPECT_EQ(client.End(), "FIN");
  EXPECT_EQ(proxy_->accepted_connections(), 1);
}

TEST_F(ProxyTest, LargeTransfersArriveWhole) {
  const auto [client, server] = Connect();
  std::string sent;
  for (int i = 0; sent.size() < 10'000'000; ++i) absl::StrAppend(&sent, i, ",");
  std::thread writer([&client = client, &sent] { client.Say(sent); });
  EXPECT_TRUE(server.Hear(sent.size()) == sent);
  writer.join();
}

TEST_F(ProxyTest, ReachesAUnixSocket) {
  char directory[] = "/tmp/almanac-proxy.XXXXXX";
  ASSERT_NE(mkdtemp(directory), nullptr);
  const std::string path = absl::StrCat(directory, "/socket");
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  const Socket listener(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(bind(listener.fd(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  ASSERT_EQ(listen(listener.fd(), 10), 0);
  proxy_->SetTarget("unix:" + path);
  const Socket client = Socket::Dial(proxy_->port());
  const Socket server(accept4(listener.fd(), nullptr, nullptr, SOCK_CLOEXEC));
  client.Say("question");
  EXPECT_EQ(server.Hear(8), "question");
  unlink(path.c_str());
  rmdir(directory);
}

TEST_F(ProxyTest, AResetIsAResetOnBothSides) {
  const auto [client, server] = Connect();
  const auto [other_client, other_server] = Connect();
  proxy_->Cut(Proxy::Ending::kReset);
  EXPECT_EQ(client.End(), "RST");
  EXPECT_EQ(server.End(), "RST");
  EXPECT_EQ(other_client.End(), "RST");
  EXPECT_EQ(proxy_->open_connections(), 0);
  const auto [next_client, next_server] = Connect();
  next_client.Say("next");
  EXPECT_EQ(next_server.Hear(4), "next");
}

TEST_F(ProxyTest, AnOrderlyCutIsAnEndOnBothSides) {
  const auto [client, server] = Connect();
  proxy_->Cut(Proxy::Ending::kFin);
  EXPECT_EQ(client.End(), "FIN");
  EXPECT_EQ(server.End(), "FIN");
}

TEST_F(ProxyTest, AServersResetReachesTheClient) {
  auto [client, server] = Connect();
  client.Say("never read");
  ASSERT_TRUE(server.Waits(kPatience));
  { const Socket gone = std::move(server); }  // with bytes unread, hence a reset
  EXPECT_EQ(client.End(), "RST");
}

TEST_F(ProxyTest, DelaysOneDirection) {
  const auto [client, server] = Connect();
  constexpr absl::Duration kDelay = absl::Milliseconds(300);
  proxy_->Delay(Direction::kToClient, kDelay);
  client.Say("a");
  EXPECT_EQ(server.Hear(1), "a");
  const absl::Time said = absl::Now();
  server.Say("b");
  EXPECT_EQ(client.Hear(1), "b");
  EXPECT_GE(absl::Now() - said, kDelay);
  proxy_->Delay(Direction::kToClient, absl::Hours(1));
  server.Say("c");
  EXPECT_FALSE(client.Waits(100));
  proxy_->Heal();
  server.Say("d");
  EXPECT_EQ(client.Hear(2), "cd");
}

TEST_F(ProxyTest, HoldsBytesBackWithoutAWord) {
  const auto [client, server] = Connect();
  proxy_->Hold(Direction::kToServer);
  const auto [late_client, late_server] = Connect();
  client.Say("one");
  late_client.Say("two");
  EXPECT_FALSE(server.Waits(100));
  EXPECT_FALSE(late_server.Waits(100));
  server.Say("back");  // the other direction goes on
  EXPECT_EQ(client.Hear(4), "back");
  client.Finish();
  EXPECT_FALSE(server.Waits(100)) << "the end is held back too";
  proxy_->Heal();
  EXPECT_EQ(server.Hear(3), "one");
  EXPECT_EQ(server.End(), "FIN");
  EXPECT_EQ(late_server.Hear(3), "two");
}

TEST_F(ProxyTest, ClosesOneDirectionAlone) {
  const auto [client, server] = Connect();
  proxy_->HalfClose(Direction::kToServer);
  EXPECT_EQ(server.End(), "FIN");
  server.Say("still");
  EXPECT_EQ(client.Hear(5), "still");
  client.Say("lost");  // which harms nobody
  server.Finish();
  EXPECT_EQ(client.End(), "FIN");
}

TEST_F(ProxyTest, RefusesNewConnectionsUntilItIsHealed) {
  const auto [client, server] = Connect();
  proxy_->Refuse();
  EXPECT_EQ(Socket::Dial(proxy_->port()).End(), "RST");
  client.Say("old");
  EXPECT_EQ(server.Hear(3), "old");
  proxy_->Heal();
  const auto [next_client, next_server] = Connect();
  next_client.Say("new");
  EXPECT_EQ(next_server.Hear(3), "new");
}

TEST_F(ProxyTest, ATargetThatIsNotThereResetsTheClient) {
  close(std::exchange(listener_, -1));
  EXPECT_EQ(Socket::Dial(proxy_->port()).End(), "RST");
}

TEST_F(ProxyTest, ATrapHoldsTheRequestOfOneConnection) {
  const auto [client, server] = Connect();
  const auto [other_client, other_server] = Connect();
  proxy_->SetTrap("commit", Proxy::Trap::kHoldRequest);
  EXPECT_FALSE(proxy_->AwaitTrapped(absl::Milliseconds(50)));
  client.Say("begin;");
  EXPECT_EQ(server.Hear(6), "begin;");
  client.Say("com");  // the pattern comes in two parts, the first of which may have gone through
  EXPECT_EQ(server.Hear(3), "com");
  client.Say("mit;");
  EXPECT_TRUE(proxy_->AwaitTrapped(absl::Seconds(30)));
  EXPECT_FALSE(server.Waits(100));
  other_client.Say("commit;");
  EXPECT_EQ(other_server.Hear(7), "commit;") << "a trap takes one";
  proxy_->Heal();
  EXPECT_EQ(server.Hear(4), "mit;");
}

TEST_F(ProxyTest, ATrapHoldsTheAnswerOfOneConnection) {
  const auto [client, server] = Connect();
  proxy_->SetTrap("commit", Proxy::Trap::kHoldAnswer);
  client.Say("begin;");
  EXPECT_EQ(server.Hear(6), "begin;");
  server.Say("ok;");
  EXPECT_EQ(client.Hear(3), "ok;");
  client.Say("commit;");
  EXPECT_EQ(server.Hear(7), "commit;");
  server.Say("done;");
  EXPECT_TRUE(proxy_->AwaitTrapped(absl::Seconds(30)));
  EXPECT_FALSE(client.Waits(100));
  proxy_->Cut(Proxy::Ending::kReset);
  EXPECT_EQ(client.End(), "RST") << "what was held is lost";
}

TEST_F(ProxyTest, BearsAStorm) {
  std::vector<std::pair<Socket, Socket>> connections;
  for (int i = 0; i < 200; ++i) connections.push_back(Connect());
  for (size_t i = 0; i < connections.size(); ++i) connections[i].first.Say(absl::StrCat("hello ", i % 10));
  for (size_t i = 0; i < connections.size(); ++i) {
    EXPECT_EQ(connections[i].second.Hear(7), absl::StrCat("hello ", i % 10));
  }
  EXPECT_EQ(proxy_->open_connections(), 200);
}

}  // namespace
}  // namespace almanac::testing
