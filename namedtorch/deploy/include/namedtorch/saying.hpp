// What an error of torch or of a model says, without the stacks and tracebacks around it.
#pragma once

#include <exception>
#include <string>
#include <string_view>

#include <c10/util/Exception.h>

#include <namedtorch/json.hpp>

namespace namedtorch::detail {

// The text of an error without torch's own stack.
inline std::string whole_text(const std::exception& error) {
  const auto* own = dynamic_cast<const c10::Error*>(&error);
  return own != nullptr ? own->what_without_backtrace() : error.what();
}

// The text without what the lite interpreter puts behind it: it says where, and knows no place.
inline std::string_view without_place(std::string_view text) {
  static constexpr std::string_view blank = " \n\t\r", place = " ()";
  text = text.substr(0, text.find_last_not_of(blank) + 1);
  if (text.size() > place.size() && text.substr(text.size() - place.size()) == place) text.remove_suffix(place.size());
  return text;
}

inline std::string_view last_line(std::string_view text) {
  text = without_place(text);
  return text.substr(text.rfind('\n') + 1);
}

// What an error says on one line.
inline std::string said_by(const std::exception& error) {
  const std::string text = whole_text(error);
  std::string_view said = text;
  if (said.substr(0, 23) == "The following operation") {
    // A traceback of the graph stands before what went wrong.
    for (const std::string_view start : {"RuntimeError: ", "Error: "}) {
      const std::size_t found = said.rfind(start);
      if (found == std::string_view::npos) continue;
      said.remove_prefix(found + start.size());
      break;
    }
  }
  return one_line(without_place(said.substr(0, said.find('\n'))), 200);
}

}  // namespace namedtorch::detail
