// A method of a model behind its guard.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdlib>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ATen/core/function_schema.h>
#include <ATen/core/ivalue.h>
#include <c10/core/InferenceMode.h>
#include <c10/util/Exception.h>

#include <namedtorch/error.hpp>
#include <namedtorch/fitting.hpp>
#include <namedtorch/guard.hpp>

namespace namedtorch {

// Arguments by name: `{{"image", image}, {"scale", 2.0}}`.
using Named = std::vector<std::pair<std::string, c10::IValue>>;

// Threads may share one: a call changes nothing.
class Method {
 public:
  using Run = std::function<c10::IValue(std::vector<c10::IValue>)>;

  // `schema` is the graph's, which begins with the module itself. Throws Malformed for one of other parameters.
  Method(const detail::Json& signature, const detail::Json& plan, const std::string& label,
         const c10::FunctionSchema& schema, bool grad, Run run)
      : guard_(signature, plan, label), run_(std::move(run)), grad_(grad) {
    const auto& arguments = schema.arguments();
    const auto& parameters = guard_.signature().parameters;
    bool same = arguments.size() == parameters.size() + 1;
    for (std::size_t at = 0; same && at < parameters.size(); ++at) same = arguments[at + 1].name() == parameters[at].name;
    if (!same) throw detail::Malformed("has other parameters than its graph");
    for (std::size_t at = 0; at < parameters.size(); ++at) {
      types_.push_back(detail::plain_type(arguments[at + 1].type()));
      // A manifest does not hold all defaults; the lite interpreter gives None for those that there are not.
      const auto& own = parameters[at].fallback ? parameters[at].fallback : arguments[at + 1].default_value();
      defaults_.push_back(parameters[at].has_default ? own : std::nullopt);
    }
    detail::Signature copy = guard_.signature();
    text_ = copy.text();
  }

  // The dims of the arguments and the result: `image: N C=3 H W -> N classes=10`.
  const std::string& signature() const { return text_; }

  // The names of the parameters, in order.
  std::vector<std::string> parameters() const {
    std::vector<std::string> names;
    for (const auto& one : guard_.signature().parameters) names.push_back(one.name);
    return names;
  }

  // Arguments by position, then by name. Throws CallError for arguments that are too many, missing or unknown, DimError
  // for what does not fit the signature, and what the graph itself throws.
  c10::IValue call(std::vector<c10::IValue> placed, const Named& named = {}) const {
    std::vector<c10::IValue> values = bound(std::move(placed), named);
    c10::SmallVector<const c10::IValue*, 8> pointers;
    for (const c10::IValue& one : values) pointers.push_back(&one);
    detail::Guard::Call check(guard_, pointers);
    check.arguments();
    std::optional<c10::InferenceMode> inference;
    if (!grad_) inference.emplace(true);
    c10::IValue result = ran(values);
    check.result(result);
    return result;
  }

  c10::IValue operator()(const Named& named) const { return call({}, named); }

  template <class... Values>
    requires(std::convertible_to<Values, c10::IValue> && ...)
  c10::IValue operator()(Values&&... values) const {
    std::vector<c10::IValue> placed;
    placed.reserve(sizeof...(values));
    (placed.emplace_back(std::forward<Values>(values)), ...);
    return call(std::move(placed));
  }

  // Holds arguments to the signature and runs nothing; throws as `call` does.
  void check(std::vector<c10::IValue> placed, const Named& named = {}) const {
    const std::vector<c10::IValue> values = bound(std::move(placed), named);
    c10::SmallVector<const c10::IValue*, 8> pointers;
    for (const c10::IValue& one : values) pointers.push_back(&one);
    detail::Guard::Call(guard_, pointers).arguments();
  }

 private:
  [[noreturn]] void misbound(const std::string& problem) const {
    throw CallError(guard_.label() + ": " + problem + "; it takes " + text_);
  }

  // One value for each parameter, as the graph takes it.
  std::vector<c10::IValue> bound(std::vector<c10::IValue> placed, const Named& named) const {
    const auto& parameters = guard_.signature().parameters;
    const auto taken = static_cast<std::size_t>(
        std::find_if(parameters.begin(), parameters.end(), [](const auto& one) { return one.keyword; }) -
        parameters.begin());
    if (placed.size() > taken) {
      misbound(std::to_string(placed.size()) + " arguments given by position, " + std::to_string(taken) + " taken");
    }
    const std::size_t given = placed.size();
    if (given < parameters.size()) complete(placed, named);
    if (given == parameters.size() && !named.empty()) {
      for (const auto& [name, value] : named) place_of(name, given);
    }
    for (std::size_t at = 0; at < placed.size(); ++at) {
      if (!detail::is_taken(placed[at], types_[at])) placed[at] = detail::fitted(placed[at], types_[at]);
    }
    return placed;
  }

  // The place of an argument that is given by name.
  std::size_t place_of(const std::string& name, std::size_t given) const {
    const auto& parameters = guard_.signature().parameters;
    const std::size_t at = guard_.signature().index(name);
    if (at == parameters.size() || parameters[at].positional) {
      misbound("there is no argument `" + detail::one_line(name, 80) + "`");
    }
    if (at < given) misbound("`" + name + "` is given twice");
    return at;
  }

  void complete(std::vector<c10::IValue>& placed, const Named& named) const {
    const auto& parameters = guard_.signature().parameters;
    const std::size_t given = placed.size();
    std::vector<bool> filled(parameters.size(), false);
    placed.resize(parameters.size());
    for (const auto& [name, value] : named) {
      const std::size_t at = place_of(name, given);
      if (filled[at]) misbound("`" + name + "` is given twice");
      filled[at] = true;
      placed[at] = value;
    }
    std::string missing;
    std::size_t count = 0;
    for (std::size_t at = given; at < parameters.size(); ++at) {
      if (filled[at]) continue;
      if (defaults_[at]) {
        placed[at] = *defaults_[at];
        continue;
      }
      missing += (count++ == 0 ? "`" : ", `") + parameters[at].name + "`";
    }
    if (count > 0) misbound(missing + (count == 1 ? " is missing" : " are missing"));
  }

  c10::IValue ran(const std::vector<c10::IValue>& values) const {
    try {
      return run_(values);
    } catch (const DimError&) {
      throw;
    } catch (const std::exception& error) {
      const auto* own = dynamic_cast<const c10::Error*>(&error);
      refused(own != nullptr ? own->what_without_backtrace() : error.what());
      throw;
    }
  }

  // Throws the error of what the guard in the graph refused; an error of another kind is left as it is.
  void refused(std::string_view said) const {
    static constexpr std::string_view start = "namedtorch: ";
    const std::size_t found = said.rfind(start);
    if (found == std::string_view::npos) return;
    said.remove_prefix(found + start.size());
    said = said.substr(0, said.find('\n'));
    std::string function = guard_.label();
    const std::size_t inner = said.find(": ");
    if (said.substr(0, 3) == "in " && inner != std::string_view::npos &&
        said.substr(0, inner).find('`') == std::string_view::npos) {
      function = said.substr(3, inner - 3);
      said.remove_prefix(inner + 2);
    }
    auto [code, fields] = detail::code_of(said);
    Failure failure;
    failure.code = code;
    failure.message = said;
    if (fields.count("argument") != 0) failure.argument = fields["argument"];
    if (fields.count("dim") != 0) failure.dim = fields["dim"];
    if (fields.count("axis") != 0) failure.axis = std::atoi(fields["axis"].c_str());
    if (fields.count("expected") != 0) failure.expected = fields["expected"];
    if (fields.count("actual") != 0) failure.actual = fields["actual"];
    throw DimError({std::move(failure)}, function);
  }

  detail::Guard guard_;
  Run run_;
  bool grad_;
  std::vector<c10::TypePtr> types_;
  std::vector<std::optional<c10::IValue>> defaults_;
  std::string text_;
};

}  // namespace namedtorch
