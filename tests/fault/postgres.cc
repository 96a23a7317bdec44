#include "tests/fault/postgres.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <exception>
#include <filesystem>
#include <pqxx/pqxx>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/fault/postmaster.h"

namespace almanac::testing {
namespace {

constexpr char kPrograms[] = "/usr/lib/postgresql/15/bin/";
constexpr char kLogSize[] = "512m";  // what PostgreSQL keeps of its log by these settings is far less
constexpr char kSpaceSize[] = "64m";

// The keeper: $1 is the directory, $2 whether it is to have disks, $3 their owner. It answers each line with one.
constexpr char kKeeper[] = R"sh(
trap '' HUP INT TERM
directory=$1
mkdir "$directory/log" "$directory/space" || exit 1
if [ "$2" = disks ]; then
  mount -t tmpfs -o "size=$4,mode=0700,$3" almanac "$directory/log" &&
    mount -t tmpfs -o "size=$5,mode=0700,$3" almanac "$directory/space" || { echo refused; exit 1; }
fi
echo ready
used() { stat -f -c '%b %f %S' "$1" | { read -r all free size; echo $(((all - free) * size)); }; }
fill() {
  # It may grow just now.
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    mount -o "remount,size=$(used "$1")" "$1" && return
  done
  return 1
}
while read -r command disk size; do
  case $command in
    fill) fill "$directory/$disk" && echo done || echo refused ;;
    free) mount -o "remount,size=$size" "$directory/$disk" && echo done || echo refused ;;
  esac
done
# The postmaster was told to end when whoever started it did.
read -r postmaster <"$directory/data/postmaster.pid"
for _ in 1 2 3 4 5 6 7 8 9 10; do
  kill -0 "$postmaster" || break
  sleep 0.2
done
# Some of its children may take a moment longer.
umount -l "$directory/log" "$directory/space"
for _ in 1 2 3 4 5 6 7 8 9 10; do
  rm -rf "$directory" && break
  sleep 0.2
done
)sh";

const char* NameOf(Postgres::Disk disk) { return disk == Postgres::Disk::kLog ? "log" : "space"; }
const char* SizeOf(Postgres::Disk disk) { return disk == Postgres::Disk::kLog ? kLogSize : kSpaceSize; }

absl::Status NoDisks() {
  return absl::FailedPreconditionError(
      "this user may mount no file system, not even in a namespace of its own, so no disk can be full: run as root, or "
      "allow it by sysctl kernel.unprivileged_userns_clone=1, or leave out the faults disk-full and log-disk-full");
}

}  // namespace

absl::StatusOr<std::unique_ptr<Postgres>> Postgres::Start(Spawner& spawner, const std::string& log_path) {
  absl::StatusOr<service::Account> account = service::Account::Current();
  // PostgreSQL refuses to run as root.
  if (geteuid() == 0) account = service::Account::ByName("postgres");
  if (!account.ok()) return account.status();
  std::unique_ptr<Postgres> postgres(new Postgres(spawner, *std::move(account)));
  char path[] = "/tmp/almanac-fault.XXXXXX";
  if (mkdtemp(path) == nullptr) return absl::InternalError(absl::StrCat("no directory in /tmp: ", strerror(errno)));
  postgres->directory_ = path;
  if (!postgres->StartKeeper(/*with_disks=*/true).ok()) {
    postgres->disks_ = NoDisks();
    if (absl::Status status = postgres->StartKeeper(/*with_disks=*/false); !status.ok()) return status;
  }
  const std::string log = log_path.empty() ? postgres->directory_ + "/postgresql.log" : log_path;
  postgres->log_ = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (absl::Status status = postgres->Initialize(); !status.ok()) return status;
  return postgres;
}

Postgres::~Postgres() {
  Kill();
  EndKeeper();
  if (log_ >= 0) close(log_);
}

absl::Status Postgres::StartKeeper(bool with_disks) {
  EndKeeper();
  std::filesystem::create_directory(directory_);
  for (const char* name : {"/log", "/space"}) std::filesystem::remove(directory_ + name);
  int input[2];
  int output[2];
  if (pipe2(input, O_CLOEXEC) != 0 || pipe2(output, O_CLOEXEC) != 0) return absl::InternalError("no pipe");
  Spawner::Command command;
  const bool as_root = geteuid() == 0;
  if (with_disks) command.argv = {"/usr/bin/unshare", "--mount"};
  if (with_disks && !as_root) {
    command.argv.insert(command.argv.end(), {"--user", "--map-current-user", "--keep-caps"});
  }
  const std::string owner = absl::StrCat("uid=", account_.uid, ",gid=", account_.gid);
  command.argv.insert(command.argv.end(), {"/bin/sh", "-c", kKeeper, "keeper", directory_,
                                           with_disks ? "disks" : "none", owner, kLogSize, kSpaceSize});
  command.account = service::Account::Current();
  command.input = input[0];
  command.output = output[1];
  const absl::StatusOr<pid_t> pid = spawner_.Spawn(command);
  close(input[0]);
  close(output[1]);
  keeper_input_ = fdopen(input[1], "w");
  keeper_output_ = fdopen(output[0], "r");
  if (!pid.ok()) return pid.status();
  keeper_ = *pid;
  if (ReadAnswer() != "ready") return NoDisks();
  return absl::OkStatus();
}

void Postgres::EndKeeper() {
  if (keeper_input_ != nullptr) fclose(std::exchange(keeper_input_, nullptr));
  if (keeper_output_ != nullptr) fclose(std::exchange(keeper_output_, nullptr));
  if (keeper_ != 0) AwaitExit(std::exchange(keeper_, 0));
}

std::string Postgres::ReadAnswer() const {
  char line[32] = "";
  if (fgets(line, sizeof(line), keeper_output_) == nullptr) return "";
  return std::string(line, strcspn(line, "\n"));
}

absl::Status Postgres::Tell(const std::string& command) {
  fputs((command + "\n").c_str(), keeper_input_);
  fflush(keeper_input_);
  if (ReadAnswer() == "done") return absl::OkStatus();
  return absl::InternalError(absl::StrCat("the disk could not be changed: ", command));
}

absl::Status Postgres::Initialize() {
  const std::string data = directory_ + "/data";
  if (geteuid() == 0) {
    for (const char* path : {"", "/log", "/space"}) {
      if (chown((directory_ + path).c_str(), account_.uid, account_.gid) != 0) return absl::InternalError("no chown");
    }
  }
  const absl::StatusOr<pid_t> initdb =
      SpawnProgram("initdb", {"-D", data, "-X", directory_ + "/log/wal", "--wal-segsize=1", "-U", "postgres", "-A",
                              "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"});
  if (!initdb.ok()) return initdb.status();
  if (AwaitExit(*initdb) != 0) return absl::InternalError("initdb failed; its output is in PostgreSQL's log");
  const absl::StatusOr<pid_t> script = spawner_.Spawn(
      {.argv = {"/bin/sh", "-c",
                "mkdir \"$1/space/tables\" && echo 'create database almanac' | \"$0\" --single -D \"$1/data\" postgres",
                absl::StrCat(kPrograms, "postgres"), directory_},
       .account = account_,
       .inside = disks_.ok() ? keeper_ : 0,
       .output = log_,
       .error = log_});
  if (!script.ok()) return script.status();
  if (AwaitExit(*script) != 0) return absl::InternalError("no database was made; PostgreSQL's log says why");
  if (absl::Status status = EnsureRunning(); !status.ok()) return status;
  return Sql(absl::StrCat("create tablespace small location '", directory_, "/space/tables'")).status();
}

absl::StatusOr<pid_t> Postgres::SpawnProgram(const std::string& program,
                                             const std::vector<std::string>& arguments) const {
  Spawner::Command command{.argv = {absl::StrCat(kPrograms, program)}, .account = account_};
  command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
  // PostgreSQL then ends at once, its children too.
  command.death_signal = SIGQUIT;
  command.inside = disks_.ok() ? keeper_ : 0;
  command.output = log_;
  command.error = log_;
  return spawner_.Spawn(command);
}

std::string Postgres::url() const {
  return absl::StrCat("host=", directory_, " port=5432 user=postgres dbname=almanac");
}

absl::StatusOr<std::vector<std::string>> Postgres::Sql(const std::string& sql) const {
  try {
    pqxx::connection connection(url());
    pqxx::nontransaction work(connection);
    std::vector<std::string> column;
    for (const auto& row : work.exec(sql)) column.emplace_back(row[0].c_str());
    return column;
  } catch (const std::exception& error) {
    return absl::UnavailableError(absl::StrCat(sql, ": ", error.what()));
  }
}

bool Postgres::IsRunning() {
  if (postmaster_ != 0 && waitpid(postmaster_, nullptr, WNOHANG) == postmaster_) postmaster_ = 0;
  return postmaster_ != 0;
}

void Postgres::Kill() {
  if (!IsRunning()) return;
  KillPostmaster(postmaster_);
  AwaitExit(std::exchange(postmaster_, 0));
}

absl::Status Postgres::EnsureRunning() {
  absl::Status status;
  for (const absl::Time deadline = absl::Now() + absl::Minutes(2); absl::Now() < deadline;) {
    if (!IsRunning()) {
      // Sessions of one that was killed take a moment to end; until then another refuses to start.
      std::error_code ignored;
      for (const char* lock : {"/data/postmaster.pid", "/.s.PGSQL.5432.lock"}) {
        std::filesystem::remove(directory_ + lock, ignored);
      }
      const absl::StatusOr<pid_t> pid = SpawnProgram(
          "postgres", {"-D", directory_ + "/data", "-k", directory_, "-p", "5432", "-c", "listen_addresses=",
                       // Nobody cuts the power: what was written stays.
                       "-c", "fsync=off", "-c", "full_page_writes=on", "-c", "synchronous_commit=on", "-c",
                       "max_connections=100", "-c", "max_wal_size=64MB", "-c", "min_wal_size=8MB", "-c",
                       "checkpoint_timeout=60", "-c", "log_checkpoints=off", "-c", "log_line_prefix=%m [%p] %a "});
      if (!pid.ok()) return pid.status();
      postmaster_ = *pid;
    }
    status = Sql("select 1").status();
    if (status.ok()) return status;
    absl::SleepFor(absl::Milliseconds(100));
  }
  return absl::UnavailableError(absl::StrCat("PostgreSQL does not start: ", status.message()));
}

absl::Status Postgres::FillDisk(Disk disk) {
  if (!disks_.ok()) return disks_;
  return Tell(absl::StrCat("fill ", NameOf(disk)));
}

absl::Status Postgres::FreeDisk(Disk disk) {
  if (!disks_.ok()) return absl::OkStatus();
  return Tell(absl::StrCat("free ", NameOf(disk), " ", SizeOf(disk)));
}

}  // namespace almanac::testing
