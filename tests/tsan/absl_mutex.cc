// Tells the thread sanitizer about the locks of Debian's libabsl, which is built without it. The functions here stand
// before those of the library, for our code as for gRPC's, and call them. What the library does while it takes or gives
// back a lock, such as evaluating the conditions of other threads, is none of the sanitizer's business: it ignores all
// between a pre and its post.
//
// Linked into every program of the preset tsan.
#include <absl/synchronization/mutex.h>
#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>

namespace absl {
namespace {

constexpr unsigned kReader = __tsan_mutex_read_lock;
constexpr unsigned kTry = __tsan_mutex_try_lock;

// The library's function of this mangled name.
template <typename Function>
Function Real(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

// Whether this thread is in the library already, which calls some of its own functions by their names.
thread_local bool inside = false;

// Calls the library between what is told before and after; only calls it if we were called by the library.
template <typename Pre, typename Call, typename Post>
void Between(Pre pre, Call call, Post post) {
  if (inside) return call();
  pre();
  inside = true;
  call();
  inside = false;
  post();
}

template <typename Call>
void Locking(Mutex* mutex, unsigned flags, Call call) {
  Between([&] { __tsan_mutex_pre_lock(mutex, flags); }, call, [&] { __tsan_mutex_post_lock(mutex, flags, 0); });
}

template <typename Call>
void Unlocking(Mutex* mutex, unsigned flags, Call call) {
  Between([&] { __tsan_mutex_pre_unlock(mutex, flags); }, call, [&] { __tsan_mutex_post_unlock(mutex, flags); });
}

// Gives the lock back, waits, and takes it again.
template <typename Call>
void Waiting(Mutex* mutex, Call call) {
  const auto release = [&] {
    __tsan_mutex_pre_unlock(mutex, 0);
    __tsan_mutex_post_unlock(mutex, 0);
    __tsan_mutex_pre_lock(mutex, 0);
  };
  Between(release, call, [&] { __tsan_mutex_post_lock(mutex, 0, 0); });
}

}  // namespace

// `real` is the library's function of this mangled name.
#define ALMANAC_REAL(type, name) static const auto real = Real<type>(name)

void Mutex::Lock() {
  ALMANAC_REAL(void (*)(Mutex*), "_ZN4absl7debian35Mutex4LockEv");
  Locking(this, 0, [&] { real(this); });
}

void Mutex::Unlock() {
  ALMANAC_REAL(void (*)(Mutex*), "_ZN4absl7debian35Mutex6UnlockEv");
  Unlocking(this, 0, [&] { real(this); });
}

bool Mutex::TryLock() {
  ALMANAC_REAL(bool (*)(Mutex*), "_ZN4absl7debian35Mutex7TryLockEv");
  bool locked = false;
  Between([&] { __tsan_mutex_pre_lock(this, kTry); }, [&] { locked = real(this); },
          [&] { __tsan_mutex_post_lock(this, locked ? kTry : kTry | __tsan_mutex_try_lock_failed, 0); });
  return locked;
}

void Mutex::ReaderLock() {
  ALMANAC_REAL(void (*)(Mutex*), "_ZN4absl7debian35Mutex10ReaderLockEv");
  Locking(this, kReader, [&] { real(this); });
}

void Mutex::ReaderUnlock() {
  ALMANAC_REAL(void (*)(Mutex*), "_ZN4absl7debian35Mutex12ReaderUnlockEv");
  Unlocking(this, kReader, [&] { real(this); });
}

void Mutex::LockWhen(const Condition& condition) {
  ALMANAC_REAL(void (*)(Mutex*, const Condition&), "_ZN4absl7debian35Mutex8LockWhenERKNS0_9ConditionE");
  Locking(this, 0, [&] { real(this, condition); });
}

bool Mutex::LockWhenWithTimeout(const Condition& condition, Duration timeout) {
  ALMANAC_REAL(bool (*)(Mutex*, const Condition&, Duration),
               "_ZN4absl7debian35Mutex19LockWhenWithTimeoutERKNS0_9ConditionENS0_8DurationE");
  bool holds = false;
  Locking(this, 0, [&] { holds = real(this, condition, timeout); });
  return holds;
}

bool Mutex::LockWhenWithDeadline(const Condition& condition, Time deadline) {
  ALMANAC_REAL(bool (*)(Mutex*, const Condition&, Time),
               "_ZN4absl7debian35Mutex20LockWhenWithDeadlineERKNS0_9ConditionENS0_4TimeE");
  bool holds = false;
  Locking(this, 0, [&] { holds = real(this, condition, deadline); });
  return holds;
}

void Mutex::Await(const Condition& condition) {
  ALMANAC_REAL(void (*)(Mutex*, const Condition&), "_ZN4absl7debian35Mutex5AwaitERKNS0_9ConditionE");
  Waiting(this, [&] { real(this, condition); });
}

bool Mutex::AwaitWithTimeout(const Condition& condition, Duration timeout) {
  ALMANAC_REAL(bool (*)(Mutex*, const Condition&, Duration),
               "_ZN4absl7debian35Mutex16AwaitWithTimeoutERKNS0_9ConditionENS0_8DurationE");
  bool holds = false;
  Waiting(this, [&] { holds = real(this, condition, timeout); });
  return holds;
}

bool Mutex::AwaitWithDeadline(const Condition& condition, Time deadline) {
  ALMANAC_REAL(bool (*)(Mutex*, const Condition&, Time),
               "_ZN4absl7debian35Mutex17AwaitWithDeadlineERKNS0_9ConditionENS0_4TimeE");
  bool holds = false;
  Waiting(this, [&] { holds = real(this, condition, deadline); });
  return holds;
}

void CondVar::Wait(Mutex* mutex) {
  ALMANAC_REAL(void (*)(CondVar*, Mutex*), "_ZN4absl7debian37CondVar4WaitEPNS0_5MutexE");
  Waiting(mutex, [&] { real(this, mutex); });
}

bool CondVar::WaitWithTimeout(Mutex* mutex, Duration timeout) {
  ALMANAC_REAL(bool (*)(CondVar*, Mutex*, Duration),
               "_ZN4absl7debian37CondVar15WaitWithTimeoutEPNS0_5MutexENS0_8DurationE");
  bool timed_out = false;
  Waiting(mutex, [&] { timed_out = real(this, mutex, timeout); });
  return timed_out;
}

bool CondVar::WaitWithDeadline(Mutex* mutex, Time deadline) {
  ALMANAC_REAL(bool (*)(CondVar*, Mutex*, Time), "_ZN4absl7debian37CondVar16WaitWithDeadlineEPNS0_5MutexENS0_4TimeE");
  bool timed_out = false;
  Waiting(mutex, [&] { timed_out = real(this, mutex, deadline); });
  return timed_out;
}

#undef ALMANAC_REAL

}  // namespace absl
