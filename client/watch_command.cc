#include <memory>

#include "client/checks.h"
#include "client/commands.h"
#include "client/errors.h"
#include "client/kind_filter.h"
#include "client/list_flags.h"
#include "client/names.h"
#include "client/watcher.h"

namespace almanac::client {

void AddWatchCommand(Program& program) {
  struct Flags {
    Watcher::Options options;
    std::string resource;
  };
  auto flags = std::make_shared<Flags>();
  const Verb verb = {"watch",
                     "Follow the log: one line for each change, as it happens, until Ctrl-C",
                     "almanac watch --since 0\nalmanac watch --snapshot --resource swd --kind dataset -o json\n"
                     "almanac watch --type rescheduled --position moves.pos --exec './tell-the-desk'",
                     {Format::kTable, Format::kJson, Format::kName}};
  CLI::App& command = program.AddVerb(program.root(), verb, [flags](Session& session) {
    flags->options.request.set_resource_prefix(CompletePrefix(flags->resource));
    if (!flags->options.command.empty() && flags->options.position.empty()) {
      return UsageError(
          "--exec needs --position FILE, which keeps the place after each command, so that none is left out");
    }
    Watcher watcher(flags->options, session);
    const Interrupt::Scope interrupted(
        session.interrupt, [&watcher] { watcher.Stop(); }, [&watcher] { watcher.Abandon(); });
    return watcher.Follow();
  });
  v1::WatchRequest& request = flags->options.request;
  CLI::Option* since = command
                           .add_option_function<int64_t>(
                               "--since", [&request](int64_t revision) { request.set_after_revision(revision); },
                               "Start after this revision; 0 for all there ever were (from now on if not given)")
                           ->type_name("REV")
                           ->check(AtLeast(0));
  CLI::Option* token =
      command
          .add_option_function<std::string>(
              "--resume-token", [&request](const std::string& text) { request.set_resume_token(text); },
              "Start where a stream with the same filter left off: the resumeToken of its JSON output")
          ->type_name("TOKEN")
          ->check(NotEmpty());
  CLI::Option* snapshot = command.add_flag_callback(
      "--snapshot", [&request] { request.set_snapshot(true); }, "Start with every resource as it is now");
  since->excludes(token)->excludes(snapshot);
  token->excludes(snapshot);
  AddResourceFilter(command, flags->resource, *request.mutable_kinds());
  AddChangeFilter(command, *request.mutable_types(), *request.mutable_changed_fields());
  AddLimit(command, flags->options.limit, "End after so many changes (never if not given)");
  CLI::Option* bookmarks =
      command.add_flag("--bookmarks", flags->options.bookmarks, "In JSON, show the server's signs of life too");
  command
      .add_option("--position", flags->options.position,
                  "Keep the place in this file, and go on there if it has one, whatever --since or --resume-token say")
      ->type_name("FILE")
      ->check(NotEmpty());
  CLI::Option* exec =
      command
          .add_option(
              "--exec", flags->options.command,
              "Run this shell command for each change, in order, instead of printing it: with the change as JSON on "
              "its standard input, and ALMANAC_REVISION, _RESOURCE, _KIND, _TYPE, _CHANGE_ACTOR and _EVENT; again "
              "if it fails; needs --position")
          ->type_name("CMD")
          ->check(NotEmpty())
          ->excludes(bookmarks);
  command
      .add_option("--exec-retries", flags->options.max_retries,
                  "End when the command has failed for one change after so many retries (retry for ever if not given)")
      ->type_name("N")
      ->check(AtLeast(0))
      ->needs(exec);
}

}  // namespace almanac::client
