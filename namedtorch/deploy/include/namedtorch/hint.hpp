// Hints and signatures, as a manifest holds them: where in the arguments and the result of a call tensors stand.
#pragma once

#include <algorithm>
#include <bitset>
#include <cctype>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <c10/core/ScalarType.h>

#include <namedtorch/json.hpp>
#include <namedtorch/pattern.hpp>
#include <namedtorch/text.hpp>

namespace namedtorch::detail {

using Dtypes = std::bitset<64>;
static_assert(static_cast<int>(c10::ScalarType::NumOptions) <= 64);

// A value without dims: its hint as text. Simple types are known by name, others are not checked.
struct Plain {
  enum class Type { unknown, integer, real, boolean, text, none };

  Type type = Type::unknown;
  bool optional = false;
  bool list = false;
  std::string name;

  static Plain read(const std::string& written) {
    Plain plain;
    std::string inner = written;
    if (inner.rfind("Optional[", 0) == 0) {
      inner = inner.substr(9);
      if (!inner.empty() && inner.back() == ']') inner.pop_back();
      plain.optional = true;
    }
    static const std::string none = " | None";
    if (inner.size() >= none.size() && inner.compare(inner.size() - none.size(), none.size(), none) == 0) {
      inner.resize(inner.size() - none.size());
      plain.optional = true;
    }
    std::string lowered = inner;
    for (char& one : lowered) one = static_cast<char>(std::tolower(static_cast<unsigned char>(one)));
    if (lowered.rfind("list[", 0) == 0 && inner.back() == ']') {
      plain.list = true;
      inner = inner.substr(5, inner.size() - 6);
    }
    plain.name = inner;
    static const std::pair<const char*, Type> known[] = {{"int", Type::integer},
                                                         {"float", Type::real},
                                                         {"bool", Type::boolean},
                                                         {"str", Type::text},
                                                         {"None", Type::none}};
    for (const auto& [name, type] : known) {
      if (inner == name) plain.type = type;
    }
    if (plain.type == Type::unknown && inner != "Any") plain.list = false;
    return plain;
  }

  bool bears(const c10::IValue& value) const {
    if (optional && value.isNone()) return true;
    if (!list) return bears_one(value);
    if (!value.isList()) return false;
    const auto items = value.toListRef();
    return std::all_of(items.begin(), items.end(), [&](const c10::IValue& one) { return bears_one(one); });
  }

  // Why a value of a list type is none; "" where that says no more than the type does.
  std::string reason(const c10::IValue& value) const {
    if (!list || optional) return "";
    const auto shown = [](const c10::IValue& one) {
      return type_text(one) + " " + shortened(literal_text(one), 96, true);
    };
    if (!value.isList()) return shown(value) + " not instance of list";
    std::size_t at = 0;
    for (const c10::IValue& one : value.toListRef()) {
      if (!bears_one(one)) {
        return "list index " + std::to_string(at) + " item " + shown(one) +
               (type == Type::real ? " not float or int" : " not instance of " + name);
      }
      ++at;
    }
    return "";
  }

 private:
  bool bears_one(const c10::IValue& value) const {
    switch (type) {
      case Type::unknown:
        return true;
      case Type::integer:
        return value.isInt() || value.isBool();
      case Type::real:
        return value.isDouble() || value.isInt() || value.isBool();
      case Type::boolean:
        return value.isBool();
      case Type::text:
        return value.isString();
      case Type::none:
        return value.isNone();
    }
    return true;
  }
};

class Hint {
 public:
  enum class Kind { tensor, optional, alternatives, list, tuple, dict, record, plain };

  Kind kind = Kind::plain;
  std::string name;         // a list's container, a record's class, a dict's keys, a plain one itself
  std::vector<Hint> parts;  // what it holds, one of each
  std::vector<std::string> fields;
  Plain plain;
  // Of a tensor:
  std::string array;  // the last part of its type's name
  std::string family;
  bool any_dtype = false;
  Dtypes dtypes;
  Shape shape;

  static Hint read(const Json& data, int depth = 0) {
    if (depth > deepest) throw Malformed("has hints that nest deeper than " + std::to_string(deepest));
    if (!data.is(Json::Kind::object) || data.fields.size() != 1) throw Malformed("has a hint that is no hint");
    const auto& [kind, content] = data.fields.front();
    Hint hint;
    if (kind == "tensor") {
      hint.read_tensor(content);
    } else if (kind == "optional") {
      hint.kind = Kind::optional;
      hint.parts.push_back(read(content, depth + 1));
    } else if (kind == "union" || kind == "tuple") {
      hint.kind = kind == "union" ? Kind::alternatives : Kind::tuple;
      for (const Json& one : content.list()) hint.parts.push_back(read(one, depth + 1));
    } else if (kind == "list") {
      hint.kind = Kind::list;
      hint.name = content.at("container").string();
      hint.parts.push_back(read(content.at("item"), depth + 1));
    } else if (kind == "dict") {
      hint.kind = Kind::dict;
      hint.name = content.at("key").string();
      hint.parts.push_back(read(content.at("value"), depth + 1));
    } else if (kind == "record") {
      hint.kind = Kind::record;
      hint.name = content.at("name").string();
      for (const Json& one : content.at("fields").list()) {
        if (one.list().size() != 2) throw Malformed("has a field of a record that is no name and a hint");
        hint.fields.push_back(one.items[0].string());
        hint.parts.push_back(read(one.items[1], depth + 1));
      }
    } else if (kind == "plain") {
      hint.name = content.string();
      hint.plain = Plain::read(hint.name);
    } else {
      throw Malformed("has a hint of an unknown kind, '" + one_line(kind, 40) + "'");
    }
    return hint;
  }

  bool takes(c10::ScalarType dtype) const { return any_dtype || dtypes.test(static_cast<std::size_t>(dtype)); }

  // The tensors in the hint, in the order in which they are written.
  template <class Visitor>
  void tensors(const Visitor& visit) {
    if (kind == Kind::tensor) visit(*this);
    for (Hint& one : parts) one.tensors(visit);
  }

  std::size_t count_tensors() const {
    std::size_t count = kind == Kind::tensor ? 1 : 0;
    for (const Hint& one : parts) count += one.count_tensors();
    return count;
  }

  // The hint as signatures print it.
  std::string text() const {
    switch (kind) {
      case Kind::tensor:
        return shape.alone;
      case Kind::optional:
        return parts[0].text() + " | None";
      case Kind::alternatives:
        return joined(" | ");
      case Kind::list:
        return name + "[" + parts[0].text() + "]";
      case Kind::tuple:
        return "tuple[" + joined(", ") + "]";
      case Kind::dict:
        return "dict[" + name + ", " + parts[0].text() + "]";
      case Kind::record: {
        std::string written;
        for (std::size_t at = 0; at < parts.size(); ++at) {
          written += (at == 0 ? "" : ", ") + fields[at] + ": " + parts[at].text();
        }
        return name + "(" + written + ")";
      }
      case Kind::plain:
        return name;
    }
    return name;
  }

  // The hint with all that tells it from others: dtypes and array type as well.
  std::string described() const {
    if (kind == Kind::tensor) return family + "[" + array + ", \"" + shape.text + "\"]";
    if (kind != Kind::alternatives) return text();
    std::string written;
    for (const Hint& one : parts) written += (written.empty() ? "" : " | ") + one.described();
    return written;
  }

  std::string joined(const char* separator) const {
    std::string written;
    for (std::size_t at = 0; at < parts.size(); ++at) written += (at == 0 ? "" : separator) + parts[at].text();
    return written;
  }

 private:
  static constexpr int deepest = 20;

  void read_tensor(const Json& content) {
    kind = Kind::tensor;
    const std::string& type = content.at("array").string();
    if (type != "torch.Tensor" && type != "torch.nn.Parameter" && type != "Any") {
      throw Malformed("asks for a '" + one_line(type, 80) + "', which is unknown here");
    }
    array = type.substr(type.rfind('.') == std::string::npos ? 0 : type.rfind('.') + 1);
    family = content.at("family").string();
    shape = Shape::read(content.at("shape").string());
    const Json& names = content.at("dtypes");
    any_dtype = names.is(Json::Kind::null);
    if (any_dtype) return;
    for (const Json& one : names.list()) {
      for (int dtype = 0; dtype < static_cast<int>(c10::ScalarType::Undefined); ++dtype) {
        if (dtype_text(static_cast<c10::ScalarType>(dtype)) == one.string()) dtypes.set(static_cast<std::size_t>(dtype));
      }
    }
  }
};

// One parameter: its name, its hint, and its default where it has one that a manifest holds.
struct Parameter {
  std::string name;
  Hint hint;
  bool keyword = false;  // it is given by name only
  bool positional = false;  // it is given by position only
  bool has_default = false;
  std::optional<c10::IValue> fallback;
};

class Signature {
 public:
  std::vector<Parameter> parameters;
  Hint result;
  std::vector<std::string> where;

  static Signature read(const Json& data) {
    Signature signature;
    for (const Json& one : data.at("parameters").list()) signature.parameters.push_back(read_parameter(one));
    signature.result = Hint::read(data.at("result"));
    for (const Json& one : data.at("where").list()) signature.where.push_back(one.string());
    for (std::size_t at = 0; at < signature.parameters.size(); ++at) {
      if (signature.index(signature.parameters[at].name) != at) {
        throw Malformed("has two parameters of one name in its signature");
      }
    }
    return signature;
  }

  // The place of a parameter; the number of parameters for a name that is none's.
  std::size_t index(std::string_view name) const {
    const auto found = std::find_if(parameters.begin(), parameters.end(), [&](const Parameter& one) {
      return one.name == name;
    });
    return static_cast<std::size_t>(found - parameters.begin());
  }

  // The signature as `print(model.signature)` shows it: `image: N C=3 H W -> N classes=10`.
  std::string text() {
    std::string written;
    std::vector<std::string> constraints;
    const auto collect = [&](const Hint& tensor) {
      constraints.insert(constraints.end(), tensor.shape.where.begin(), tensor.shape.where.end());
    };
    for (Parameter& one : parameters) {
      written += (written.empty() ? "" : ", ") + one.name + ": " + one.hint.text();
      while (!written.empty() && written.back() == ' ') written.pop_back();
      if (one.has_default) written += " = " + (one.fallback ? literal_text(*one.fallback) : "...");
      one.hint.tensors(collect);
    }
    result.tensors(collect);
    constraints.insert(constraints.end(), where.begin(), where.end());
    written += (written.empty() ? "-> " : " -> ") +
               (result.kind == Hint::Kind::tuple ? result.joined(", ") : result.text());
    std::string behind;
    for (auto one = constraints.begin(); one != constraints.end(); ++one) {
      if (std::find(constraints.begin(), one, *one) != one) continue;
      behind += (behind.empty() ? " where " : ", ") + *one;
    }
    return written + behind;
  }

 private:
  static Parameter read_parameter(const Json& data) {
    Parameter parameter;
    parameter.name = data.at("name").string();
    parameter.hint = Hint::read(data.at("hint"));
    const std::string& kind = data.at("kind").string();
    parameter.keyword = kind == "keyword";
    parameter.positional = kind == "positional-only";
    if (kind != "positional" && !parameter.keyword && !parameter.positional) {
      throw Malformed("has a parameter of the kind '" + one_line(kind, 40) + "', which no graph has");
    }
    if (const Json* written = data.find("default")) {
      parameter.has_default = true;
      if (const Json* value = written->find("value")) parameter.fallback = plain_value(*value);
    }
    return parameter;
  }

  static c10::IValue plain_value(const Json& value) {
    switch (value.kind) {
      case Json::Kind::null:
        return {};
      case Json::Kind::boolean:
        return value.flag;
      case Json::Kind::integer:
        return value.integer();
      case Json::Kind::real:
        return value.real;
      case Json::Kind::text:
        return value.text;
      default:
        throw Malformed("has a default that is no plain value");
    }
  }
};

}  // namespace namedtorch::detail
