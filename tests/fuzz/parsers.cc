#include "tests/fuzz/parsers.h"

#include <google/protobuf/field_mask.pb.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <new>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "almanac/v1/dataset.pb.h"
#include "db/condition.h"
#include "db/search_text.h"
#include "db/search_vector.h"
#include "service/filter.h"
#include "service/tokens.h"
#include "service/validation.h"
#include "tests/fuzz/filters.h"
#include "tests/fuzz/masks.h"
#include "tests/fuzz/page_tokens.h"
#include "tests/fuzz/texts.h"

namespace almanac::fuzz {
namespace {

// 1 January 2026.
constexpr int64_t kNow = 1'767'225'600;

absl::Status Wrong(const std::string& what, const std::string& input) {
  return absl::InternalError(absl::StrCat(what, ": ", absl::CHexEscape(input)));
}

bool IsAnswer(const absl::Status& status) { return status.ok() || absl::IsInvalidArgument(status); }

// The highest N of all $N.
size_t HighestParameter(const std::string& sql) {
  size_t highest = 0;
  for (size_t at = sql.find('$'); at != std::string::npos; at = sql.find('$', at + 1)) {
    const size_t end = sql.find_first_not_of("0123456789", at + 1);
    size_t number = 0;
    if (absl::SimpleAtoi(sql.substr(at + 1, end - at - 1), &number)) highest = std::max(highest, number);
  }
  return highest;
}

absl::Status ReadFilter(Random& random) {
  static const std::vector<FuzzField>& fields = *new std::vector<FuzzField>(FuzzFieldsOf(*v1::Dataset::descriptor()));
  const std::string filter = random.Chance(80) ? RandomFilter(fields, random) : WildText(random, 60);
  const auto condition = service::CheckFilter(filter, db::DatasetFields(), absl::FromUnixSeconds(kNow));
  if (!IsAnswer(condition.status())) return Wrong(condition.status().ToString(), filter);
  if (!condition.ok()) return absl::OkStatus();
  std::vector<db::Param> params;
  const std::string sql = db::ToSql(*condition, "dataset_search", &params);
  if (HighestParameter(sql) != params.size()) return Wrong(absl::StrCat(params.size(), " parameters of ", sql), filter);
  return absl::OkStatus();
}

absl::Status ReadText(Random& random) {
  const std::string text = WildText(random, random.Chance(95) ? 12 : 2000);
  int position = 0;
  for (const db::Term& term : db::Terms(text)) {
    const bool right = !term.text.empty() && term.text.size() <= db::kMaxLexemeBytes && term.begin < term.end &&
                       term.end <= text.size() && term.position >= position && ToUtf8(term.text) == term.text;
    if (!right) return Wrong(absl::StrCat("term ", term.text), text);
    position = term.position;
  }
  db::ToTsVector({{text, 'A'}, {text, 'B'}});
  return absl::OkStatus();
}

absl::Status ReadQuery(Random& random) {
  const std::string query = WildText(random, random.Chance(90) ? 8 : 100);
  const auto terms = db::QueryTerms(query);
  if (!IsAnswer(terms.status())) return Wrong(terms.status().ToString(), query);
  if (terms.ok() && db::ToTsQuery(*terms).empty()) return Wrong("an empty query", query);
  return absl::OkStatus();
}

absl::Status ReadToken(Random& random) {
  const std::string binding = "0123456789abcdef";
  const size_t size = 1 + random.Below(3);
  const std::vector<std::string> position(size, Word(random));
  const std::string right = service::MakePageToken(binding, position);
  const auto read = service::ReadPageToken(right, binding, size);
  if (!read.ok() || *read != position) return Wrong("its own token is refused", right);
  const std::string token = StrangeToken(right, random);
  const auto strange = service::ReadPageToken(token, binding, size);
  if (!IsAnswer(strange.status())) return Wrong(strange.status().ToString(), token);
  if (strange.ok() && !token.empty() && strange->size() != size) return Wrong("another size", token);
  return IsAnswer(service::ReadResumeToken(token).status()) ? absl::OkStatus() : Wrong("no answer", token);
}

absl::Status ReadMask(Random& random) {
  google::protobuf::FieldMask mask;
  v1::Dataset patch;
  FillUpdate("publishers/swd/datasets/a", random, &patch, &mask);
  v1::Dataset current;
  current.set_name(patch.name());
  const absl::Status applied = service::ApplyMask(
      mask, patch, "titles categories remarks frequency formats landing_page release_date", &current);
  if (!IsAnswer(applied)) return Wrong(applied.ToString(), mask.ShortDebugString());
  const absl::Status checked = service::CheckDataset(current);
  return IsAnswer(checked) ? absl::OkStatus() : Wrong(checked.ToString(), current.ShortDebugString());
}

// The child's part: what it is at stands in memory that outlives it.
[[noreturn]] void RunInChild(uint64_t seed, uint64_t first, uint64_t count, absl::Time end, std::atomic<uint64_t>& at) {
  signal(SIGINT, SIG_DFL);
  signal(SIGTERM, SIG_DFL);
  for (at = first; at - first < count && absl::Now() < end; ++at) {
    const absl::Status status = RunParserCase(seed, at);
    if (status.ok()) continue;
    std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
    std::fflush(stderr);
    _exit(1);
  }
  _exit(0);
}

}  // namespace

absl::Status RunParserCase(uint64_t seed, uint64_t number) {
  using Reader = absl::Status (*)(Random&);
  constexpr Reader kReaders[] = {ReadFilter, ReadFilter, ReadText, ReadQuery, ReadToken, ReadMask};
  Random random(seed, number);
  return random.Pick(kReaders)(random);
}

absl::StatusOr<uint64_t> RunParserCases(uint64_t seed, uint64_t first, uint64_t count, absl::Duration duration) {
  using Counter = std::atomic<uint64_t>;
  void* memory = mmap(nullptr, sizeof(Counter), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return absl::InternalError("no shared memory");
  Counter& at = *new (memory) Counter(first);
  const pid_t child = fork();
  if (child == 0) RunInChild(seed, first, count, absl::Now() + duration, at);
  int status = 0;
  pid_t ended = -1;
  while (child > 0 && (ended = waitpid(child, &status, 0)) < 0 && errno == EINTR) {
  }
  const uint64_t last = at;
  munmap(memory, sizeof(Counter));
  if (child < 0 || ended != child) return absl::InternalError("no process for the parsers");
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return last - first;
  return absl::InternalError(absl::StrCat("the parsers failed at case ", last, " of seed ", seed, ", with ",
                                          WIFSIGNALED(status) ? "signal " : "exit code ",
                                          WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status)));
}

}  // namespace almanac::fuzz
