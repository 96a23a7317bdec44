#include "db/readers.h"

#include <spdlog/spdlog.h>

#include <pqxx/pqxx>

#include "db/driver_errors.h"
#include "db/errors.h"

namespace almanac::db {

Readers::Readers(std::string url, int connections, size_t max_queue, absl::Duration statement_timeout,
                 Planning planning)
    : url_(std::move(url)), max_queue_(max_queue), statement_timeout_(statement_timeout), planning_(planning) {
  for (int i = 0; i < connections; ++i) threads_.emplace_back([this] { Work(); });
}

Readers::~Readers() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    for (Idle* idle : idle_) idle->is_stopped = true;
  }
  for (std::thread& thread : threads_) thread.join();
}

void Readers::Run(absl::AnyInvocable<absl::Status(Transaction&)> fn, absl::AnyInvocable<void(absl::Status)> done) {
  {
    absl::MutexLock lock(&mutex_);
    if (!idle_.empty()) {
      idle_.back()->task = Task{std::move(fn), std::move(done)};
      idle_.pop_back();
      return;
    }
    if (queue_.size() < max_queue_) {
      queue_.push_back({std::move(fn), std::move(done)});
      return;
    }
  }
  done(TooBusy("reads"));
}

std::optional<Readers::Task> Readers::Next() {
  absl::MutexLock lock(&mutex_);
  if (!queue_.empty()) {
    Task task = std::move(queue_.front());
    queue_.pop_front();
    return task;
  }
  if (stopping_) return std::nullopt;
  Idle self;
  idle_.push_back(&self);
  mutex_.Await(absl::Condition(
      +[](Idle* idle) { return idle->task.has_value() || idle->is_stopped; }, &self));
  return std::move(self.task);
}

void Readers::Work() {
  std::unique_ptr<Connection> connection;
  while (std::optional<Task> next = Next()) {
    Task& task = *next;
    // A connection that was idle may have been lost since; a fresh one tells whether the database is.
    const bool was_connected = connection != nullptr;
    absl::Status status = Attempt(connection, task);
    if (absl::IsUnavailable(status) && was_connected) status = Attempt(connection, task);
    task.done(std::move(status));
  }
}

absl::Status Readers::Attempt(std::unique_ptr<Connection>& connection, Task& task) {
  if (connection == nullptr) connection = Connect();
  if (connection == nullptr) {
    // Each of those that wait would take as long to learn the same.
    RefuseWaiting();
    return DatabaseUnavailable();
  }
  try {
    Transaction transaction(*connection);
    return task.fn(transaction);
  } catch (const pqxx::broken_connection& error) {
    connection.reset();
    spdlog::warn("database connection lost: {}", error.what());
    return DatabaseUnavailable();
  } catch (const std::exception& error) {
    const absl::Status status = FromDriver(error);
    if (absl::IsUnavailable(status)) connection.reset();
    return status;
  }
}

std::unique_ptr<Connection> Readers::Connect() const {
  try {
    return std::make_unique<Connection>(url_, statement_timeout_, planning_);
  } catch (const std::exception& error) {
    spdlog::warn("the database cannot be reached: {}", error.what());
    return nullptr;
  }
}

void Readers::RefuseWaiting() {
  std::deque<Task> waiting;
  {
    absl::MutexLock lock(&mutex_);
    waiting.swap(queue_);
  }
  for (Task& task : waiting) task.done(DatabaseUnavailable());
}

}  // namespace almanac::db
