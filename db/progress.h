#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "almanac/v1/release_plan_service.pb.h"
#include "db/transaction.h"

// Counting what became of promises, by the dates of what is on record.
namespace almanac::db {

// An edition whose lines are counted, and how it stood on the day that they are judged by.
struct Edition {
  // The plan's name.
  std::string plan;
  // `2022-10-01`: what happened later does not count yet.
  std::string day;
  // Whether it was published by that day.
  bool published = false;
  // The first day on which a later edition was published too; empty if none was by `day`.
  std::string superseded_on;
};

// The figures of one set of commitments, but for the rates.
struct Counts {
  // Whose they are, as ids: of a plan's section, of a plan, of a publisher; all empty for everything together.
  std::string publisher;
  std::string plan;
  std::string section;
  almanac::v1::SectionProgress figures;
  // How many were open when a later edition was published.
  int32_t was_open_count = 0;
};

// What became of the lines of one publisher's `editions`, for each section and for each edition; only of `plan_name`
// if that is not empty. Editions are the latest first. Nothing is returned for what has no lines.
std::vector<Counts> CountLines(Transaction& transaction, const std::vector<Edition>& editions,
                               const std::string& plan_name);

// What became of the promises of `editions`, each once: by the line of the latest edition that has it, with the moves
// that earlier editions made of it. For each publisher, whose editions are the latest first, and for all together.
std::vector<Counts> CountPromises(Transaction& transaction, const std::vector<Edition>& editions);

}  // namespace almanac::db
