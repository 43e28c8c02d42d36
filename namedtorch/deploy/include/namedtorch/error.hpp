// What is thrown: a file that is no archive, a call that does not fit, and the sentences of both.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <namedtorch/json.hpp>
#include <namedtorch/messages.hpp>

namespace namedtorch {

// A file that can't be read, is no namedtorch archive, is broken, was changed or is too new; the text is one line.
class ArchiveError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A size, a list of sizes, a text, or nothing to say.
using Amount = std::variant<std::monostate, std::int64_t, std::string, std::vector<std::int64_t>>;

// One thing of a call that does not fit its signature; an axis counts from 0.
struct Failure {
  std::string code;
  std::string message;
  std::optional<std::string> argument;
  std::optional<std::string> dim;
  std::optional<std::int64_t> axis;
  Amount expected;
  Amount actual;
  std::optional<std::string> help;
};

// A call that can't be made: arguments that are too many, missing or unknown.
class CallError : public std::invalid_argument {
 public:
  using std::invalid_argument::invalid_argument;
};

// Arguments or a result that do not fit the signature; `failures` lists every one of them, one or more.
class DimError : public CallError {
 public:
  DimError(std::vector<Failure> found, std::string where, const std::vector<std::string>& notes = {})
      : CallError(text(found, where, notes)), failures(std::move(found)), function(std::move(where)) {}

  std::vector<Failure> failures;
  std::string function;

  // Those of the first failure.
  const std::string& code() const { return failures.front().code; }
  const std::optional<std::string>& argument() const { return failures.front().argument; }
  const std::optional<std::string>& dim() const { return failures.front().dim; }
  const std::optional<std::int64_t>& axis() const { return failures.front().axis; }
  const Amount& expected() const { return failures.front().expected; }
  const Amount& actual() const { return failures.front().actual; }

  // The error as JSON: a server can answer 400 with it.
  std::string json() const;

 private:
  static constexpr std::size_t most_shown = 12;

  static std::string sentence(const Failure& failure) {
    return failure.message + (failure.help ? "; " + *failure.help : "");
  }

  // The first line says what is wrong (or how much is), what follows says where.
  static std::string text(const std::vector<Failure>& failures, const std::string& function,
                          const std::vector<std::string>& notes) {
    std::string found;
    if (failures.size() == 1) {
      found = sentence(failures.front());
    } else {
      found = std::to_string(failures.size()) + " things do not fit" +
              (function.empty() ? "" : " in `" + function + "`");
      for (std::size_t at = 0; at < failures.size() && at < most_shown; ++at) {
        found += "\n  " + std::to_string(at + 1) + ". " + sentence(failures[at]);
      }
      if (failures.size() > most_shown) {
        found += "\n  ... and " + std::to_string(failures.size() - most_shown) + " more, all in `.failures`";
      }
    }
    for (const std::string& note : notes) found += "\n  " + note;
    return function.empty() ? found : found + "\n  in " + function;
  }
};

namespace detail {

using Fields = std::map<std::string, std::string, std::less<>>;

// A template with its fields filled in; nothing where one is missing.
inline std::optional<std::string> filled(std::string_view pattern, const Fields& fields) {
  std::string text;
  while (!pattern.empty()) {
    const std::size_t open = pattern.find('{');
    text += pattern.substr(0, open);
    if (open == std::string_view::npos) break;
    const std::size_t close = pattern.find('}', open);
    const auto field = fields.find(pattern.substr(open + 1, close - open - 1));
    if (field == fields.end()) return std::nullopt;
    text += field->second;
    pattern.remove_prefix(close + 1);
  }
  return text;
}

// The sentence of a code with its fields filled in; the terse one where a field of the other is missing.
inline std::string sentence(std::string_view code, const Fields& fields) {
  for (const Message& message : messages) {
    if (message.code != code) continue;
    if (auto text = filled(message.text, fields)) return *text;
    return filled(message.terse, fields).value_or(std::string(message.terse));
  }
  return std::string(code);
}

// The fields of a text that is this template's, or this template's and more behind a " ("; nothing for another text.
inline std::optional<Fields> fields_of(std::string_view pattern, std::string_view text) {
  Fields fields;
  while (!pattern.empty()) {
    const std::size_t open = std::min(pattern.find('{'), pattern.size());
    if (text.substr(0, open) != pattern.substr(0, open)) return std::nullopt;
    text.remove_prefix(open);
    pattern.remove_prefix(open);
    if (pattern.empty()) break;
    const std::size_t close = pattern.find('}');
    const std::string name(pattern.substr(1, close - 1));
    pattern.remove_prefix(close + 1);
    const std::string_view next = pattern.substr(0, pattern.find('{'));
    std::size_t end = next.empty() ? std::min(text.find(" ("), text.size()) : text.find(next, 1);
    if (end == std::string_view::npos || end == 0) return std::nullopt;
    const auto [place, added] = fields.emplace(name, text.substr(0, end));
    if (!added && place->second != text.substr(0, end)) return std::nullopt;
    text.remove_prefix(end);
  }
  if (!text.empty() && text.substr(0, 2) != " (") return std::nullopt;
  return fields;
}

// The code whose sentence a text is, and the fields in it; "wrong-type" for a text of no code's.
inline std::pair<std::string, Fields> code_of(std::string_view text) {
  for (const Message& message : messages) {
    for (std::string_view pattern : {message.text, message.terse}) {
      if (pattern.empty() || pattern.front() != '`') continue;
      if (auto fields = fields_of(pattern, text)) return {std::string(message.code), *fields};
    }
  }
  return {"wrong-type", {}};
}

inline std::string json_of(const Amount& amount) {
  if (const auto* size = std::get_if<std::int64_t>(&amount)) return std::to_string(*size);
  if (const auto* text = std::get_if<std::string>(&amount)) return json_text(*text);
  const auto* sizes = std::get_if<std::vector<std::int64_t>>(&amount);
  if (sizes == nullptr) return "null";
  std::string written;
  for (std::int64_t size : *sizes) written += (written.empty() ? "" : ", ") + std::to_string(size);
  return "[" + written + "]";
}

inline std::string json_of(const std::optional<std::string>& text) { return text ? json_text(*text) : "null"; }

inline std::string json_of(const Failure& failure) {
  return "{\"code\": " + json_text(failure.code) + ", \"message\": " + json_text(failure.message) +
         ", \"argument\": " + json_of(failure.argument) + ", \"dim\": " + json_of(failure.dim) +
         ", \"axis\": " + (failure.axis ? std::to_string(*failure.axis) : "null") +
         ", \"expected\": " + json_of(failure.expected) + ", \"actual\": " + json_of(failure.actual) +
         ", \"help\": " + json_of(failure.help) + "}";
}

}  // namespace detail

inline std::string DimError::json() const {
  std::string written;
  for (const Failure& failure : failures) written += (written.empty() ? "" : ", ") + detail::json_of(failure);
  return "{\"error\": \"DimError\", \"message\": " + detail::json_text(what()) +
         ", \"function\": " + detail::json_text(function) + ", \"location\": \"\", \"failures\": [" + written + "]}";
}

}  // namespace namedtorch
