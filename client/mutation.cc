#include "client/mutation.h"

#include <unistd.h>

#include <cstdint>
#include <ostream>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/checks.h"
#include "client/errors.h"

namespace almanac::client {

void MutationFlags::AddTo(CLI::App& command, bool with_etag, const std::string& request_id_note) {
  const std::string group = "Options of every write";
  if (with_etag) {
    command.add_option("--etag", etag, "Refuse (exit code 4) unless this, as `get` showed it, is still the etag")
        ->type_name("ETAG")
        ->check(NotEmpty())
        ->group(group);
  }
  command
      .add_option("--request-id", request_id,
                  absl::StrCat("Names this write: repeated with the same id it happens once", request_id_note))
      ->type_name("ID")
      ->check(NotEmpty())
      ->group(group);
  command.add_flag("--dry-run", dry_run, "Check it and show the result, but change nothing")->group(group);
}

std::string MutationFlags::NewRequestId() {
  std::random_device random;
  const auto bits = [&random](uint32_t mask, uint32_t set) { return (random() & mask) | set; };
  // Version 4 and variant 1 of RFC 4122.
  return absl::StrFormat("%08x-%04x-%04x-%04x-%08x%04x", bits(0xffffffff, 0), bits(0xffff, 0), bits(0x0fff, 0x4000),
                         bits(0x3fff, 0x8000), bits(0xffffffff, 0), bits(0xffff, 0));
}

std::string MutationFlags::QuotedEtag() const {
  return etag.empty() || etag.front() == '"' ? etag : absl::StrCat("\"", etag, "\"");
}

std::string RepeatFlags(std::string_view request_id, std::string_view etag) {
  const std::string flags = absl::StrCat("--request-id ", std::string(request_id));
  return etag.empty() ? flags : absl::StrCat(flags, " --etag '", std::string(etag), "'");
}

void TellInterrupted(std::ostream& notes, std::string_view flags) {
  if (flags.empty()) _exit(kInterruptedExitCode);
  notes << "\nalmanac: interrupted; the write may have been carried out: repeat the command with " << flags
        << " to be sure; it happens once" << std::endl;
  _exit(kInterruptedExitCode);
}

absl::Status ExplainDoubt(const absl::Status& status, const Connection& connection, std::string_view flags) {
  const std::string reason = ReasonOf(status);
  const bool in_doubt = connection.reached() && (reason.empty() || reason == "COMMIT_IN_DOUBT");
  if (ExitCodeOf(status) != kUnavailable || !in_doubt) return status;
  return AddLine(status, absl::StrCat("it may have been carried out all the same: repeat the command with ",
                                      std::string(flags), " to be sure; it happens once"));
}

void TellDone(const Session& session, std::string_view name, std::string_view done, int64_t revision, bool dry_run) {
  if (dry_run) {
    session.notes << "dry run: " << name << " would be " << done << "; nothing was changed\n";
  } else if (session.printer.format() == Format::kTable) {
    session.notes << name << " " << done << ", revision " << revision << "\n";
  }
}

}  // namespace almanac::client
