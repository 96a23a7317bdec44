#include "client/interrupt.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <utility>

namespace almanac::client {
namespace {

sigset_t EndingSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

}  // namespace

Interrupt::Interrupt() {
  const sigset_t signals = EndingSignals();
  pthread_sigmask(SIG_BLOCK, &signals, &previous_);
  signals_ = signalfd(-1, &signals, SFD_CLOEXEC);
  end_ = eventfd(0, EFD_CLOEXEC);
  listener_ = std::thread([this] { Listen(); });
}

Interrupt::~Interrupt() {
  eventfd_write(end_, 1);
  listener_.join();
  close(signals_);
  close(end_);
  pthread_sigmask(SIG_SETMASK, &previous_, nullptr);
}

Interrupt::Scope::Scope(Interrupt& interrupt, std::function<void()> on_signal, std::function<void()> before_end)
    : interrupt_(interrupt) {
  absl::MutexLock lock(&interrupt_.mutex_);
  interrupt_.on_signal_ = std::move(on_signal);
  interrupt_.before_end_ = std::move(before_end);
}

Interrupt::Scope::~Scope() {
  absl::MutexLock lock(&interrupt_.mutex_);
  interrupt_.on_signal_ = nullptr;
  interrupt_.before_end_ = nullptr;
}

void Interrupt::Listen() {
  pollfd sources[] = {{end_, POLLIN, 0}, {signals_, POLLIN, 0}};
  bool told = false;
  for (;;) {
    if (poll(sources, 2, -1) < 0) continue;
    if (sources[0].revents != 0) return;
    signalfd_siginfo signal;
    if (sources[1].revents == 0 || read(signals_, &signal, sizeof signal) != sizeof signal) continue;
    absl::MutexLock lock(&mutex_);
    if (told && before_end_ != nullptr) before_end_();
    if (told || on_signal_ == nullptr) _exit(kInterruptedExitCode);
    told = true;
    on_signal_();
  }
}

}  // namespace almanac::client
