#pragma once

#include <atomic>
#include <string>
#include <thread>

namespace almanac::testing {

// Creates publishers/p1, publishers/p2 and so on, one after the other, through whatever happens to the server. With
// nobody else writing, revision N is publishers/pN.
class ChangeWriter {
 public:
  // Ends by itself after `count`.
  explicit ChangeWriter(std::string address, int count = 1'000'000);
  ~ChangeWriter() { Stop(); }

  // Ends after the one that is under way and returns how many there are.
  int Stop();

 private:
  void Run();

  const std::string address_;
  const int count_;
  std::atomic<bool> stopped_ = false;
  std::atomic<int> written_ = 0;
  std::thread thread_;
};

// Creates publishers/p{number} at the server at `address`, whatever happens to it meanwhile.
void WritePublisher(const std::string& address, int number);

}  // namespace almanac::testing
