#pragma once

#include <google/protobuf/descriptor.h>

#include <string>
#include <vector>

#include "tests/fuzz/random.h"

// Filters and orders of lists, right ones and wrong ones.
namespace almanac::fuzz {

// A field of a resource, as a filter may name it.
struct FuzzField {
  enum class Type { kText, kTexts, kList, kEnum, kBool, kNumber, kTime, kDate };
  std::string path;
  Type type = Type::kText;
  // Of kEnum.
  const google::protobuf::EnumDescriptor* values = nullptr;
};

// What a resource's message has, whether a filter may name it or not, and the ids in its name.
std::vector<FuzzField> FuzzFieldsOf(const google::protobuf::Descriptor& resource);

// Mostly one that means something for `fields`, by the grammar of AIP-160; else a mutated one.
std::string RandomFilter(const std::vector<FuzzField>& fields, Random& random);

// Mostly one that names some of `fields`; else a mutated one.
std::string RandomOrder(const std::vector<FuzzField>& fields, Random& random);

}  // namespace almanac::fuzz
