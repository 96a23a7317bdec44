#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace almanac::testing {

// A TCP port of this machine through which connections reach a server, until they are left hanging.
class Relay {
 public:
  // The server's address is of 127.0.0.1; it sees connections that come from the host `from`.
  explicit Relay(const std::string& address, const std::string& from = "127.0.0.1");
  // Closes every connection.
  ~Relay();

  std::string address() const;
  // From now on nothing is passed on, and nothing is closed: as when a machine or a cable between the two is gone.
  void Freeze() { frozen_ = true; }

 private:
  struct Link {
    int client;
    int server;
  };

  void Serve();
  void Accept();
  // Passes on what `from` has sent; false once it has closed.
  static bool Pass(int from, int to);

  const int server_port_;
  const std::string from_;
  const int listener_;
  std::atomic<bool> frozen_ = false;
  std::atomic<bool> stopping_ = false;
  std::vector<Link> links_;  // of the thread
  std::thread thread_;
};

}  // namespace almanac::testing
