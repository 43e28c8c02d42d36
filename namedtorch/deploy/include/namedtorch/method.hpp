// A method of a model behind its guard.
#pragma once

#include <algorithm>
#include <charconv>
#include <concepts>
#include <cstdint>
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
#include <c10/util/SmallVector.h>

#include <namedtorch/error.hpp>
#include <namedtorch/fitting.hpp>
#include <namedtorch/guard.hpp>
#include <namedtorch/saying.hpp>

namespace namedtorch {

// Arguments by name: `{{"image", image}, {"scale", 2.0}}`.
using Named = std::vector<std::pair<std::string, c10::IValue>>;

// Threads may share one: a call changes nothing.
class Method {
 public:
  using Run = std::function<c10::IValue(std::vector<c10::IValue>)>;

  // How a method is called: with gradients as the caller has them; with hooks, which change what a caller gives to what
  // the graph takes, so that only the graph can tell what fits.
  struct Manner {
    bool grad = false;
    bool hooked = false;
  };

  // `schema` is the graph's, which begins with the module itself. Throws Malformed for one of other parameters.
  Method(const detail::Json& signature, const detail::Json& plan, const std::string& label,
         const c10::FunctionSchema& schema, Manner manner, Run run)
      : guard_(signature, plan, label), run_(std::move(run)), manner_(manner) {
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

  // Arguments by position, then by name. Throws CallError for arguments that are too many, missing, unknown or of types
  // that the graph does not take, DimError for what does not fit the signature, and what the graph itself throws.
  c10::IValue call(std::vector<c10::IValue> placed, const Named& named = {}) const {
    const Arguments arguments = bound(std::move(placed), named);
    detail::Guard::Call check(guard_, arguments.pointers);
    if (!manner_.hooked) check.arguments();
    taken(arguments);
    std::optional<c10::InferenceMode> inference;
    if (!manner_.grad) inference.emplace(true);
    c10::IValue result = ran(arguments.values);
    if (!manner_.hooked) check.result(result);
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
    const Arguments arguments = bound(std::move(placed), named);
    if (!manner_.hooked) detail::Guard::Call(guard_, arguments.pointers).arguments();
    taken(arguments);
  }

 private:
  [[noreturn]] void misbound(const std::string& problem) const {
    throw CallError(guard_.label() + ": " + problem + "; it takes " + text_);
  }

  // One value for each parameter, as the graph takes it; `misfit` is the first that it does not take.
  struct Arguments {
    std::vector<c10::IValue> values;
    c10::SmallVector<const c10::IValue*, 8> pointers;
    std::optional<std::size_t> misfit;
  };

  Arguments bound(std::vector<c10::IValue> placed, const Named& named) const {
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
    Arguments arguments{std::move(placed), {}, {}};
    for (std::size_t at = 0; at < arguments.values.size(); ++at) {
      c10::IValue& value = arguments.values[at];
      arguments.pointers.push_back(&value);
      if (detail::is_taken(value, types_[at])) continue;
      detail::Fitted made = detail::fitted(value, types_[at]);
      value = std::move(made.value);
      if (!made.fits && !arguments.misfit) arguments.misfit = at;
    }
    return arguments;
  }

  // Torch lets some values pass that its graph then trips over (a dict without entries), and the lite interpreter is
  // run without a check of its own: what the guard takes is held to the types of the graph as well.
  void taken(const Arguments& arguments) const {
    if (!arguments.misfit) return;
    const std::size_t at = *arguments.misfit;
    misbound("`" + guard_.signature().parameters[at].name + "` is " + detail::value_text(arguments.values[at]) +
             ", but the graph takes " + types_[at]->annotation_str());
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
      refused(detail::whole_text(error));
      throw;
    }
  }

  // Throws the error of what the guard in the graph refused; an error of another kind is left as it is. A refusal is the
  // last line: a traceback before it shows the code, with refusals in it that were not made.
  void refused(std::string_view said) const {
    static constexpr std::string_view start = "namedtorch: ";
    said = detail::last_line(said);
    const std::size_t found = said.find(start);
    if (found == std::string_view::npos) return;
    said.remove_prefix(found + start.size());
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
    if (fields.count("actual") != 0) failure.actual = amount(fields["actual"]);
    throw DimError({std::move(failure)}, function);
  }

  // A text that is a size, as the size.
  static Amount amount(const std::string& text) {
    std::int64_t size = 0;
    const char* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, size);
    return read.ec == std::errc() && read.ptr == end && size >= 0 ? Amount(size) : Amount(text);
  }

  detail::Guard guard_;
  Run run_;
  Manner manner_;
  std::vector<c10::TypePtr> types_;
  std::vector<std::optional<c10::IValue>> defaults_;
  std::string text_;
};

}  // namespace namedtorch
