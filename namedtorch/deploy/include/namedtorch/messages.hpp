// The sentences of guards, out of the table of codes; `python -m tests.cpp.messages` writes this file.
#pragma once

#include <string_view>

namespace namedtorch::detail {

// A finding by its code: its sentence, and the one where a field has nothing to say.
struct Message {
  std::string_view code;
  std::string_view text;
  std::string_view terse;
};

inline constexpr Message messages[] = {
    {"dims-differ", "`{argument}` has size {actual} at axis {axis}, but `{dim}` is {expected}", ""},
    {"size-differs", "`{argument}` has size {actual} at axis {axis}, but `{dim}` is {expected}", "`{argument}` has size {actual} at axis {axis}, but the annotation says {expected}"},
    {"rank-differs", "`{argument}` has rank {actual}, but `{dim}` has rank {expected}", "`{argument}` has rank {actual}, but the annotation asks for a scalar"},
    {"not-an-array", "`{argument}` is {actual}, but the annotation asks for {expected}", ""},
    {"groups-differ", "`{argument}` has the sizes {actual} for `{dim}`, but `{dim}` is {expected}", ""},
    {"flattened-differs", "`{argument}` has size {actual} at axis {axis}, but `{dim}` is {expected}", ""},
    {"where-broken", "`{dim}` does not hold: {actual}", ""},
    {"memory-format-differs", "`{argument}` is not stored as `@ {dim}`: its strides are {actual}", ""},
    {"place-ambiguous", "`{argument}` has {actual} places for `{dim}` between its groups: axes {expected}", ""},
    {"place-missing", "`{argument}` has no axis for `{dim}` between its groups: {expected}", ""},
    {"dim-unbound", "nothing binds `{dim}` in {argument}", ""},
    {"each-outside-container", "`?{dim}` is bound anew for every element of a list, tuple or dict, and {argument} is none", ""},
    {"attribute-missing", "`{dim}` in the annotation of {argument} {actual}", ""},
    {"wrong-type", "{actual}", ""},
    {"container-differs", "`{argument}` is {actual}, but the annotation asks for {expected}", ""},
    {"no-member-fits", "`{argument}` is {actual}, which fits none of {expected}", ""},
    {"dtype-differs", "`{argument}` has dtype {actual}, but the annotation says {expected}", "`{argument}` has another dtype than {expected}"},
};

inline constexpr int newest_schema = 5;
inline constexpr const char* own_version = "0.1.0";
inline constexpr const char* manifest_name = "namedtorch.json";
inline constexpr const char* again = "get the file again, or lower the model again";

}  // namespace namedtorch::detail
