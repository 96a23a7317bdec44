#include "service/embedded_postgres.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>
#include <system_error>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "service/embedded_directory.h"

namespace almanac::service {
namespace {

namespace fs = std::filesystem;

constexpr char kDebianBinaries[] = "/usr/lib/postgresql/15/bin";
constexpr char kVersion[] = "15";
constexpr uintmax_t kLogRotationBytes = 16 * 1024 * 1024;
// Nothing here depends on the directory, since pg_ctl hands these to a shell: the socket's directory is relative to the
// cluster. What makes commits durable is said, so that no edited postgresql.conf takes it away.
constexpr char kServerOptions[] =
    "-k .. -p 5432 -c listen_addresses= -c unix_socket_permissions=0700 -c fsync=on -c full_page_writes=on "
    "-c synchronous_commit=on -c max_connections=100 -c log_checkpoints=off -c logging_collector=off";

bool HasPrograms(const std::string& directory) {
  for (const char* program : {"/initdb", "/postgres", "/pg_ctl", "/pg_isready"}) {
    if (access((directory + program).c_str(), X_OK) != 0) return false;
  }
  return true;
}

absl::StatusOr<std::string> FindBinaries(const std::string& given) {
  if (!given.empty()) {
    if (HasPrograms(given)) return given;
    return absl::FailedPreconditionError(absl::StrCat("PostgreSQL's programs are not in ", given));
  }
  if (HasPrograms(kDebianBinaries)) return std::string(kDebianBinaries);
  const auto version = RunChild(Account::Current(), {"/usr/bin/env", "pg_config", "--version"});
  const auto directory = RunChild(Account::Current(), {"/usr/bin/env", "pg_config", "--bindir"});
  if (version.ok() && directory.ok() && version->code == 0 && directory->code == 0 &&
      version->output.rfind(absl::StrCat("PostgreSQL ", kVersion, "."), 0) == 0) {
    const std::string found(absl::StripTrailingAsciiWhitespace(directory->output));
    if (HasPrograms(found)) return found;
  }
  return absl::FailedPreconditionError(
      absl::StrCat("an embedded database needs PostgreSQL ", kVersion, ", and its programs are not in ",
                   kDebianBinaries, " nor where pg_config says: install the package postgresql-", kVersion));
}

std::string Contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The last lines of a file, for a message.
std::string LastLines(const std::string& path) {
  constexpr size_t kBytes = 1000;
  std::string text = Contents(path);
  if (text.size() > kBytes) {
    text.erase(0, text.size() - kBytes);
    text.erase(0, text.find('\n') + 1);
  }
  return text;
}

// The process that one of PostgreSQL's lock files names, or 0.
pid_t PidIn(const std::string& path) {
  std::ifstream file(path);
  pid_t pid = 0;
  return file >> pid && pid > 0 ? pid : 0;
}

// Whether the process may be a postmaster. PostgreSQL itself takes any process of its own user for one, also one that
// ended and waits to be reaped, which has no command line.
bool MayBePostgres(pid_t pid) {
  return Contents(absl::StrCat("/proc/", pid, "/comm")) == "postgres\n" &&
         !Contents(absl::StrCat("/proc/", pid, "/cmdline")).empty();
}

}  // namespace

// A file whose lock the kernel releases when the process ends, however it ends.
class EmbeddedPostgres::LockFile {
 public:
  static absl::StatusOr<std::unique_ptr<LockFile>> Open(const std::string& path, const Account& account) {
    const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return absl::InvalidArgumentError(absl::StrCat("cannot open ", path, ": ", strerror(errno)));
    std::unique_ptr<LockFile> file(new LockFile(fd));
    // Where root came first, the account itself can come later.
    if (geteuid() == 0 && fchown(fd, account.uid, account.gid) != 0) {
      return absl::InvalidArgumentError(absl::StrCat("cannot give ", path, " away: ", strerror(errno)));
    }
    return file;
  }
  LockFile(const LockFile&) = delete;
  LockFile& operator=(const LockFile&) = delete;
  ~LockFile() { close(fd_); }

  // `operation` is one of flock's.
  bool Try(int operation) { return flock(fd_, operation | LOCK_NB) == 0; }

 private:
  explicit LockFile(int fd) : fd_(fd) {}
  const int fd_;
};

EmbeddedPostgres::EmbeddedPostgres(EmbeddedDirectory place, std::string binaries, absl::Duration start_timeout)
    : dir_(std::move(place.path)),
      data_(dir_ + "/data"),
      log_(dir_ + "/postgresql.log"),
      binaries_(std::move(binaries)),
      account_(std::move(place.account)),
      start_timeout_(start_timeout),
      url_(absl::StrCat("host='", dir_, "' port=5432 user=postgres dbname=almanac")) {}

EmbeddedPostgres::~EmbeddedPostgres() { Stop().IgnoreError(); }

absl::StatusOr<std::unique_ptr<EmbeddedPostgres>> EmbeddedPostgres::Start(const std::string& dir,
                                                                          const EmbeddedPostgresOptions& options) {
  const absl::StatusOr<std::string> binaries = FindBinaries(options.binary_directory);
  if (!binaries.ok()) return binaries.status();
  absl::StatusOr<EmbeddedDirectory> place = PrepareEmbeddedDirectory(dir);
  if (!place.ok()) return place.status();
  auto setup_lock = LockFile::Open(place->path + "/setup.lock", place->account);
  if (!setup_lock.ok()) return setup_lock.status();
  auto users_lock = LockFile::Open(place->path + "/users.lock", place->account);
  if (!users_lock.ok()) return users_lock.status();

  std::unique_ptr<EmbeddedPostgres> cluster(new EmbeddedPostgres(*std::move(place), *binaries, options.start_timeout));
  cluster->setup_lock_ = *std::move(setup_lock);
  cluster->users_lock_ = *std::move(users_lock);

  absl::MutexLock lock(&cluster->mutex_);
  const absl::Status status = cluster->Exclusively([&]() -> absl::Status {
    // Cannot fail: an exclusive holder has the setup lock too.
    cluster->users_lock_->Try(LOCK_SH);
    if (absl::Status created = cluster->CreateCluster(); !created.ok()) return created;
    return cluster->StartCluster();
  });
  if (!status.ok()) return status;
  return cluster;
}

absl::Status EmbeddedPostgres::EnsureRunning() {
  absl::MutexLock lock(&mutex_);
  if (stopped_) return absl::FailedPreconditionError("the embedded database was stopped");
  if (RunningPid() != 0) return absl::OkStatus();
  return Exclusively([this] { return StartCluster(); });
}

absl::Status EmbeddedPostgres::Stop() {
  absl::MutexLock lock(&mutex_);
  if (stopped_ || users_lock_ == nullptr) return absl::OkStatus();
  stopped_ = true;
  return Exclusively([this]() -> absl::Status {
    const bool last = users_lock_->Try(LOCK_EX);
    const absl::Status status = last ? StopCluster() : absl::OkStatus();
    users_lock_.reset();
    return status;
  });
}

absl::Status EmbeddedPostgres::Exclusively(const std::function<absl::Status()>& body) {
  const absl::Time deadline = absl::Now() + start_timeout_;
  while (!setup_lock_->Try(LOCK_EX)) {
    if (absl::Now() > deadline) {
      return absl::UnavailableError(
          absl::StrCat("another process has been starting or stopping the database in ", dir_, " for too long"));
    }
    absl::SleepFor(absl::Milliseconds(20));
  }
  const absl::Cleanup unlock = [this] { setup_lock_->Try(LOCK_UN); };
  return body();
}

absl::Status EmbeddedPostgres::CreateCluster() {
  std::ifstream version_file(data_ + "/PG_VERSION");
  if (std::string version; version_file >> version) {
    if (version == kVersion) return absl::OkStatus();
    return absl::FailedPreconditionError(absl::StrCat(data_, " is a cluster of PostgreSQL ", version, ", not ",
                                                      kVersion,
                                                      ": dump it with the old version, or upgrade it by pg_upgrade"));
  }
  // Made under another name: a cluster under its own name is whole.
  const std::string draft = data_ + ".new";
  std::error_code error;
  fs::remove_all(draft, error);
  auto made = Run("initdb", {"-D", draft, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"});
  if (!made.ok()) return made.status();
  if (made->code != 0) return Failed("cannot make a database cluster", made->output);
  made =
      RunChild(account_, {"/bin/sh", "-c", "echo 'CREATE DATABASE almanac' | exec \"$0\" --single -D \"$1\" postgres",
                          binaries_ + "/postgres", draft});
  if (!made.ok()) return made.status();
  if (made->code != 0) return Failed("cannot make the database", made->output);
  fs::rename(draft, data_, error);
  if (error) return Failed("cannot put the new cluster in its place", error.message());
  return absl::OkStatus();
}

absl::Status EmbeddedPostgres::StartCluster() {
  if (RunningPid() != 0) return WaitUntilAccepting();
  const auto answering = Run("pg_isready", {"-q", "-h", dir_, "-p", "5432"});
  if (!answering.ok()) return answering.status();
  constexpr int kNoResponse = 2;
  if (answering->code != kNoResponse) {
    return absl::UnavailableError(absl::StrCat(
        "a PostgreSQL that almanacd did not start, or that runs in another container, already serves ", dir_));
  }
  std::error_code error;
  for (const std::string& lock : {data_ + "/postmaster.pid", dir_ + "/.s.PGSQL.5432.lock"}) {
    if (!MayBePostgres(PidIn(lock))) fs::remove(lock, error);
  }
  if (const uintmax_t size = fs::file_size(log_, error); !error && size > kLogRotationBytes) {
    fs::rename(log_, log_ + ".1", error);
  }
  // Sessions of a postmaster that was killed take a moment to notice; until then PostgreSQL refuses to start.
  const absl::Time give_up = absl::Now() + absl::Seconds(15);
  const std::string seconds = absl::StrCat(absl::ToInt64Seconds(absl::Ceil(start_timeout_, absl::Seconds(1))));
  while (true) {
    const auto started =
        Run("pg_ctl", {"start", "-D", data_, "-l", log_, "-s", "-w", "-t", seconds, "-o", kServerOptions});
    if (!started.ok()) return started.status();
    if (started->code == 0) return WaitUntilAccepting();
    const std::string log = LastLines(log_);
    if (log.find("is still in use") == std::string::npos || absl::Now() > give_up) {
      return Failed("PostgreSQL does not start", started->output + log);
    }
    absl::SleepFor(absl::Milliseconds(200));
  }
}

absl::Status EmbeddedPostgres::WaitUntilAccepting() {
  const absl::Time deadline = absl::Now() + start_timeout_;
  while (true) {
    const auto answering = Run("pg_isready", {"-q", "-h", dir_, "-p", "5432"});
    if (!answering.ok()) return answering.status();
    if (answering->code == 0) return absl::OkStatus();
    if (RunningPid() == 0 || absl::Now() > deadline) {
      return Failed("PostgreSQL accepts no connections", LastLines(log_));
    }
    absl::SleepFor(absl::Milliseconds(100));
  }
}

absl::Status EmbeddedPostgres::StopCluster() {
  if (RunningPid() == 0) return absl::OkStatus();
  absl::StatusOr<ChildResult> result = absl::UnknownError("");
  for (const char* mode : {"fast", "immediate"}) {
    result = Run("pg_ctl", {"stop", "-D", data_, "-s", "-w", "-t", "60", "-m", mode});
    if (!result.ok()) return result.status();
    if (result->code == 0 || RunningPid() == 0) return absl::OkStatus();
  }
  return Failed("PostgreSQL does not stop", result->output);
}

pid_t EmbeddedPostgres::RunningPid() const {
  // The number may have gone to another process since.
  const pid_t pid = PidIn(data_ + "/postmaster.pid");
  if (pid == 0) return 0;
  const std::string cluster = std::string("\0-D\0", 4) + data_ + '\0';
  return Contents(absl::StrCat("/proc/", pid, "/cmdline")).find(cluster) != std::string::npos ? pid : 0;
}

absl::StatusOr<ChildResult> EmbeddedPostgres::Run(const std::string& program,
                                                  const std::vector<std::string>& arguments) const {
  std::vector<std::string> argv{absl::StrCat(binaries_, "/", program)};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return RunChild(account_, argv);
}

absl::Status EmbeddedPostgres::Failed(const std::string& what, const std::string& output) const {
  return absl::UnavailableError(absl::StrCat(what, " in ", dir_, " as the user ", account_.name, ":\n",
                                             std::string(absl::StripTrailingAsciiWhitespace(output))));
}

}  // namespace almanac::service
