// Sizes: integer polynomials over dims, as a plan holds them; reckoned with in 64 bits, and no further.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <namedtorch/json.hpp>

namespace namedtorch::detail {

// Arithmetic of an annotation divides by a size that is 0.
struct DividesByZero {};

// Arithmetic of an annotation leaves the numbers of 64 bits.
struct TooLarge {};

using Int = std::int64_t;
inline constexpr Int least_int = std::numeric_limits<Int>::min();
inline constexpr Int most_int = std::numeric_limits<Int>::max();

inline Int sum_of(Int left, Int right) {
  if (right > 0 ? left > most_int - right : left < least_int - right) throw TooLarge{};
  return left + right;
}

inline Int product_of(Int left, Int right) {
  if (left == 0 || right == 0) return 0;
  if (left == -1 || right == -1) {
    const Int other = left == -1 ? right : left;
    if (other == least_int) throw TooLarge{};
    return -other;
  }
  const bool same = (left > 0) == (right > 0);
  if (same && (left > 0 ? left > most_int / right : left < most_int / right)) throw TooLarge{};
  if (!same && (left > 0 ? right < least_int / left : left < least_int / right)) throw TooLarge{};
  return left * right;
}

inline Int quotient_of(Int number, Int divisor) {
  if (divisor == 0) throw DividesByZero{};
  if (divisor == -1) return product_of(number, -1);
  const Int whole = number / divisor;
  return number % divisor != 0 && (number < 0) != (divisor < 0) ? whole - 1 : whole;
}

// Signed as Python's.
inline Int remainder_of(Int number, Int divisor) {
  if (divisor == 0) throw DividesByZero{};
  if (divisor == -1) return 0;
  const Int rest = number % divisor;
  return rest != 0 && (rest < 0) != (divisor < 0) ? rest + divisor : rest;
}

// Tells whether a symbol is an attribute path or an argument, and not a dim.
inline bool is_attribute(std::string_view symbol) {
  return symbol.find('.') != std::string_view::npos || symbol.substr(0, 1) == "{";
}

class Size {
 public:
  enum class Op { number, symbol, sum, product, power, quotient, remainder, minimum, maximum };

  Op op = Op::number;
  Int number = 0;  // the number, or the exponent of a power
  std::string symbol;
  int slot = -1;  // of a symbol: where a guard keeps its size
  std::vector<Size> operands;

  static Size constant(Int number) {
    Size size;
    size.number = number;
    return size;
  }

  // Reads a tree as `Size.tree` writes it: a number, a symbol, or a list of an operator and its operands.
  static Size read(const Json& tree) {
    int parts = 0;
    return read(tree, 0, parts);
  }

  bool is_constant() const {
    return op != Op::symbol && std::all_of(operands.begin(), operands.end(), [](const Size& one) {
             return one.is_constant();
           });
  }

  void symbols(std::set<std::string>& found) const {
    if (op == Op::symbol) found.insert(symbol);
    for (const Size& one : operands) one.symbols(found);
  }

  // The number that this size is; `sizes(const Size&)` gives that of a symbol. Throws DividesByZero and TooLarge.
  template <class Sizes>
  Int evaluate(const Sizes& sizes) const {
    switch (op) {
      case Op::number:
        return number;
      case Op::symbol:
        return sizes(*this);
      case Op::sum:
      case Op::product: {
        Int result = op == Op::sum ? 0 : 1;
        for (const Size& one : operands) {
          const Int value = one.evaluate(sizes);
          result = op == Op::sum ? sum_of(result, value) : product_of(result, value);
        }
        return result;
      }
      case Op::power: {
        const Int base = operands[0].evaluate(sizes);
        Int result = 1;
        for (Int step = 0; step < number; ++step) result = product_of(result, base);
        return result;
      }
      case Op::quotient:
        return quotient_of(operands[0].evaluate(sizes), operands[1].evaluate(sizes));
      case Op::remainder:
        return remainder_of(operands[0].evaluate(sizes), operands[1].evaluate(sizes));
      case Op::minimum:
      case Op::maximum: {
        Int result = operands[0].evaluate(sizes);
        for (std::size_t at = 1; at < operands.size(); ++at) {
          const Int value = operands[at].evaluate(sizes);
          result = op == Op::minimum ? std::min(result, value) : std::max(result, value);
        }
        return result;
      }
    }
    return 0;
  }

  // This size as annotations write it: `2*C`, `(H+1)//2`, `1-C`.
  std::string text() const {
    if (op != Op::sum) return term_text(*this, true);
    // A positive term comes first if there is one: `1-C` reads better than `-C+1`.
    const auto found = std::find_if(operands.begin(), operands.end(), [](const Size& one) { return !one.negative(); });
    const std::size_t first = found == operands.end() ? 0 : static_cast<std::size_t>(found - operands.begin());
    std::string written = term_text(operands[first], true);
    for (std::size_t at = 0; at < operands.size(); ++at) {
      if (at == first) continue;
      written += (operands[at].negative() ? "-" : "+") + term_text(operands[at], false);
    }
    return written;
  }

 private:
  static constexpr int deepest = 100;
  static constexpr int most_parts = 10'000;
  static constexpr Int largest_exponent = 64;

  static Size read(const Json& tree, int depth, int& parts) {
    if (depth > deepest || ++parts > most_parts) throw Malformed("holds a size that is nested too deep or too long");
    Size size;
    if (tree.is(Json::Kind::integer)) {
      size.number = tree.integer();
      return size;
    }
    if (tree.is(Json::Kind::text)) {
      if (tree.text.empty()) throw Malformed("holds a size without a name");
      size.op = Op::symbol;
      size.symbol = tree.text;
      return size;
    }
    if (!tree.is(Json::Kind::list) || tree.items.size() < 2) throw Malformed("holds something that is no size");
    const std::string& name = tree.items[0].string();
    const std::size_t count = tree.items.size() - 1;
    if (name == "**") {
      if (count != 2) throw Malformed("holds a power without an exponent");
      size.op = Op::power;
      size.number = tree.items[2].integer(0, largest_exponent);
      size.operands.push_back(read(tree.items[1], depth + 1, parts));
      return size;
    }
    static constexpr std::pair<std::string_view, Op> known[] = {{"+", Op::sum},         {"*", Op::product},
                                                                {"//", Op::quotient},   {"%", Op::remainder},
                                                                {"min", Op::minimum},   {"max", Op::maximum}};
    const auto* found = std::find_if(std::begin(known), std::end(known), [&](const auto& one) {
      return one.first == name;
    });
    if (found == std::end(known)) throw Malformed("holds a size with an unknown operator");
    size.op = found->second;
    if ((size.op == Op::quotient || size.op == Op::remainder) && count != 2) {
      throw Malformed("holds a division that is not of two sizes");
    }
    for (std::size_t at = 1; at <= count; ++at) size.operands.push_back(read(tree.items[at], depth + 1, parts));
    return size;
  }

  bool is_division() const { return op == Op::quotient || op == Op::remainder; }
  bool is_call() const { return op == Op::minimum || op == Op::maximum; }

  // Whether a term is a number below 0 times something.
  bool negative() const {
    const Size& first = op == Op::product ? operands[0] : *this;
    return first.op == Op::number && first.number < 0;
  }

  static std::string magnitude(Int number) {
    const std::string text = std::to_string(number);
    return number < 0 ? text.substr(1) : text;
  }

  // A term of a sum; with `signed_` a negative one keeps its minus.
  static std::string term_text(const Size& term, bool signed_) {
    const bool minus = signed_ && term.negative();
    if (term.op == Op::number) return (minus ? "-" : "") + magnitude(term.number);
    if (term.op == Op::sum) return "(" + term.text() + ")";
    if (term.op != Op::product) return factor_text(term, true);
    const bool counted = term.operands[0].op == Op::number;
    const Int number = counted ? term.operands[0].number : 1;
    const std::size_t first = counted ? 1 : 0;
    const bool unit = number == 1 || number == -1;
    const bool alone = unit && term.operands.size() == first + 1;
    std::string written = unit ? "" : magnitude(number);
    for (std::size_t at = first; at < term.operands.size(); ++at) {
      written += (written.empty() ? "" : "*") + factor_text(term.operands[at], alone);
    }
    if (!minus) return written;
    // A unary minus binds tighter than a division, so a lone division needs parentheses behind it.
    const Size& factor = term.operands[first];
    const Size& atom = factor.op == Op::power ? factor.operands[0] : factor;
    const bool lone = alone && (atom.is_division() || atom.is_call());
    return lone ? "-(" + written + ")" : "-" + written;
  }

  static std::string factor_text(const Size& factor, bool alone) {
    if (factor.op == Op::power) {
      const Size& base = factor.operands[0];
      const std::string text = atom_text(base);
      return (base.is_division() ? "(" + text + ")" : text) + "**" + std::to_string(factor.number);
    }
    const std::string text = atom_text(factor);
    return factor.is_division() && !alone ? "(" + text + ")" : text;
  }

  static std::string atom_text(const Size& atom) {
    if (atom.op == Op::symbol) return atom.symbol;
    if (atom.is_division()) {
      return operand_text(atom.operands[0]) + (atom.op == Op::quotient ? "//" : "%") + operand_text(atom.operands[1]);
    }
    if (!atom.is_call()) return "(" + atom.text() + ")";
    std::string written = atom.op == Op::minimum ? "min(" : "max(";
    for (std::size_t at = 0; at < atom.operands.size(); ++at) {
      written += (at == 0 ? "" : ",") + atom.operands[at].text();
    }
    return written + ")";
  }

  // The text on either side of a division.
  static std::string operand_text(const Size& size) {
    const bool number = size.op == Op::number && size.number >= 0;
    const std::string text = size.text();
    return size.op == Op::symbol || size.is_call() || number ? text : "(" + text + ")";
  }
};

// That a relation holds between two sizes.
struct Constraint {
  enum class Relation { equal, differs, less, at_most, greater, at_least };

  Relation relation = Relation::equal;
  Size left;
  Size right;

  static Constraint read(const Json& tree) {
    if (tree.list().size() != 3) throw Malformed("holds something that is no constraint");
    Constraint found;
    const std::string& name = tree.items[0].string();
    const auto* known = std::find(std::begin(names), std::end(names), name);
    if (known == std::end(names)) throw Malformed("holds a constraint with an unknown relation");
    found.relation = static_cast<Relation>(known - std::begin(names));
    found.left = Size::read(tree.items[1]);
    found.right = Size::read(tree.items[2]);
    return found;
  }

  std::set<std::string> symbols() const {
    std::set<std::string> found;
    left.symbols(found);
    right.symbols(found);
    return found;
  }

  // Whether the constraint is true; it is not where a side divides by zero. Throws TooLarge.
  template <class Sizes>
  bool holds(const Sizes& sizes) const {
    Int one = 0, other = 0;
    try {
      one = left.evaluate(sizes);
      other = right.evaluate(sizes);
    } catch (const DividesByZero&) {
      return false;
    }
    switch (relation) {
      case Relation::equal:
        return one == other;
      case Relation::differs:
        return one != other;
      case Relation::less:
        return one < other;
      case Relation::at_most:
        return one <= other;
      case Relation::greater:
        return one > other;
      case Relation::at_least:
        return one >= other;
    }
    return false;
  }

  std::string text() const {
    return left.text() + " " + names[static_cast<std::size_t>(relation)] + " " + right.text();
  }

 private:
  static constexpr const char* names[] = {"==", "!=", "<", "<=", ">", ">="};
};

}  // namespace namedtorch::detail
