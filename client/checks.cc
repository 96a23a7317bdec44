#include "client/checks.h"

#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace almanac::client {

CLI::Validator NotEmpty() {
  const auto check = [](const std::string& text) {
    return text.empty() ? "the value is empty: is a shell variable not set? Leave the flag out or give it a value" : "";
  };
  return CLI::Validator(check, "");
}

CLI::Validator AtLeast(int64_t least) {
  const auto check = [least](const std::string& text) {
    int64_t number = 0;
    const bool valid = absl::SimpleAtoi(text, &number) && number >= least;
    return valid ? std::string() : absl::StrCat("\"", text, "\" is no whole number from ", least, " on");
  };
  return CLI::Validator(check, "");
}

}  // namespace almanac::client
