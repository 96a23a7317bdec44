#include "tests/integration/relay.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"

namespace almanac::testing {
namespace {

constexpr int kLookMs = 20;

sockaddr_in AddressOf(const std::string& host, int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  EXPECT_EQ(inet_pton(AF_INET, host.c_str(), &address.sin_addr), 1) << host;
  return address;
}

int NewSocket() { return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); }

void Bind(int socket, const std::string& host) {
  const sockaddr_in address = AddressOf(host, 0);
  EXPECT_EQ(bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
}

}  // namespace

Relay::Relay(const std::string& address, const std::string& from)
    : server_port_(std::stoi(address.substr(address.rfind(':') + 1))), from_(from), listener_(NewSocket()) {
  Bind(listener_, "127.0.0.1");
  EXPECT_EQ(listen(listener_, 64), 0);
  thread_ = std::thread([this] { Serve(); });
}

Relay::~Relay() {
  stopping_ = true;
  thread_.join();
  for (const Link& link : links_) {
    close(link.client);
    close(link.server);
  }
  close(listener_);
}

std::string Relay::address() const {
  sockaddr_in address = {};
  socklen_t size = sizeof(address);
  EXPECT_EQ(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
  return absl::StrCat("127.0.0.1:", ntohs(address.sin_port));
}

void Relay::Serve() {
  while (!stopping_) {
    std::vector<pollfd> sides = {{listener_, POLLIN, 0}};
    for (const Link& link : links_) {
      sides.push_back({link.client, POLLIN, 0});
      sides.push_back({link.server, POLLIN, 0});
    }
    if (frozen_) sides.clear();
    poll(sides.data(), sides.size(), kLookMs);
    if (frozen_) continue;
    for (size_t i = links_.size(); i-- > 0;) {
      const Link link = links_[i];
      const bool is_open = (sides[2 * i + 1].revents == 0 || Pass(link.client, link.server)) &&
                           (sides[2 * i + 2].revents == 0 || Pass(link.server, link.client));
      if (is_open) continue;
      close(link.client);
      close(link.server);
      links_.erase(links_.begin() + static_cast<std::ptrdiff_t>(i));
    }
    if (sides[0].revents != 0) Accept();
  }
}

void Relay::Accept() {
  const Link link = {accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC), NewSocket()};
  Bind(link.server, from_);
  const sockaddr_in address = AddressOf("127.0.0.1", server_port_);
  EXPECT_EQ(connect(link.server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  links_.push_back(link);
}

bool Relay::Pass(int from, int to) {
  char bytes[16384];
  const ssize_t size = read(from, bytes, sizeof(bytes));
  return size > 0 && send(to, bytes, size, MSG_NOSIGNAL) == size;
}

}  // namespace almanac::testing
