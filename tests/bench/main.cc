// The parts of tests/bench/run that need a program, not for use alone, and load-catalogue, which is.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <string>
#include <thread>

#include "tests/bench/catalogue_loader.h"
#include "tests/bench/large_catalogue.h"
#include "tests/bench/measure.h"
#include "tests/bench/prepare.h"
#include "tests/bench/report.h"
#include "tests/bench/search.h"

namespace almanac::bench {
namespace {

int Fail(const absl::Status& status) {
  std::fprintf(stderr, "almanac_bench: %s\n", std::string(status.message()).c_str());
  return 1;
}

std::string LoadAverage() {
  std::ifstream file("/proc/loadavg");
  std::string load;
  file >> load;
  return load;
}

int PrintMeasured(const MeasureOptions& options, const std::string& output) {
  const Conditions conditions{std::thread::hardware_concurrency(), LoadAverage(), options.quick};
  const auto rows = Measure(options);
  if (!rows.ok()) return Fail(rows.status());
  std::fputs((output == "json" ? ToJson(*rows, conditions) : ToTable(*rows, conditions)).c_str(), stdout);
  return 0;
}

CLI::App* AddSearch(CLI::App* app, SearchOptions* search) {
  CLI::App* searching =
      app->add_subcommand("search", "Measure filters and searches of a large catalogue, and spend it");
  searching->add_option("--server", search->server)->required();
  searching->add_option("--server-pid", search->server_pid)->required();
  searching->add_option("--datasets", search->datasets)->required();
  searching->add_option("--publishers", search->publishers)->required();
  searching->add_option("--explained-server", search->explained_server)->required();
  searching->add_option("--database-url", search->database_url)->required();
  searching->add_option("--postmaster-pid", search->postmaster_pid)->required();
  searching->add_option("--postgres-log", search->postgres_log)->required();
  searching->add_option("--postgres-bin", search->bin_directory)->required();
  searching->add_option("--work", search->work_directory)->required();
  searching->add_option("--only", search->only)
      ->delimiter(',')
      ->check(CLI::IsMember({"filters", "searches", "pages", "sizes", "writes"}));
  searching->add_flag("--quick", search->quick);
  return searching;
}

int Run(int argc, char** argv) {
  CLI::App app("Measures Almanac against its floors; tests/bench/run says how.", "almanac_bench");
  app.require_subcommand(1);
  PrepareOptions prepare;
  CLI::App* preparing = app.add_subcommand("prepare", "Fill the catalogue and make what the floors need");
  preparing->add_option("--server", prepare.server)->required();
  preparing->add_option("--database-url", prepare.database_url)->required();
  preparing->add_option("--postgres-log", prepare.postgres_log)->required();
  preparing->add_option("--postgres-bin", prepare.bin_directory)->required();
  preparing->add_option("--work", prepare.work_directory)->required();

  MeasureOptions measure;
  std::string output = "table";
  CLI::App* measuring = app.add_subcommand("measure", "Measure and print");
  measuring->add_option("--server", measure.server)->required();
  measuring->add_option("--server-pid", measure.server_pid)->required();
  measuring->add_option("--echo", measure.echo)->required();
  measuring->add_option("--echo-pid", measure.echo_pid)->required();
  measuring->add_option("--database-url", measure.database_url)->required();
  measuring->add_option("--postmaster-pid", measure.postmaster_pid)->required();
  measuring->add_option("--postgres-bin", measure.bin_directory)->required();
  measuring->add_option("--work", measure.work_directory)->required();
  measuring->add_option("--only", measure.only)
      ->delimiter(',')
      ->check(CLI::IsMember({"get", "list", "progress", "update", "watch", "import"}));
  measuring->add_flag("--quick", measure.quick);
  measuring->add_option("-o,--output", output)->check(CLI::IsMember({"table", "json"}));

  SearchOptions search;
  CLI::App* searching = AddSearch(&app, &search);

  LoadCatalogueOptions load;
  CLI::App* loading = app.add_subcommand("load-catalogue", "Fill a migrated, empty database with a large catalogue");
  loading->add_option("--database-url", load.database_url)->required();
  loading->add_option("--datasets", load.datasets)->check(CLI::PositiveNumber)->capture_default_str();
  loading->add_option("--publishers", load.publishers)->check(CLI::Range(1, kMaxPublishers))->capture_default_str();
  loading->add_option("--seed", load.seed)->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (measuring->parsed()) return PrintMeasured(measure, output);
  const absl::Status done = loading->parsed()     ? LoadCatalogue(load)
                            : searching->parsed() ? MeasureSearch(search)
                                                  : Prepare(prepare);
  return done.ok() ? 0 : Fail(done);
}

}  // namespace
}  // namespace almanac::bench

int main(int argc, char** argv) { return almanac::bench::Run(argc, argv); }
