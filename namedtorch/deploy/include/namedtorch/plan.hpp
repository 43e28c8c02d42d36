// The guard plan: the ordered checks that hold the tensors of a call to its signature.
#pragma once

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <namedtorch/hint.hpp>
#include <namedtorch/json.hpp>
#include <namedtorch/pattern.hpp>
#include <namedtorch/size.hpp>

namespace namedtorch::detail {

// One check of the tensors at one site. An axis counts from the left if it is not negative, else from the right.
struct Step {
  enum class Op { rank, equal, bind, flattened, group, place, format, where };

  Op op = Op::rank;
  int site = -1;                  // -1: a constraint of the whole signature
  std::vector<std::string> each;  // the names that this tensor binds per element
  int count = 0;                  // of a rank
  bool at_least = false;
  int axis = 0;
  Dim dim;                   // what the axis is, of `equal` and `bind`
  std::vector<Dim> factors;  // of `flattened`; of `place`: what stands between the groups
  int start = 0;             // the axes before a group, and behind it
  int behind = 0;
  Group group;  // of `place`: the one before
  Group after;
  std::string format;
  std::optional<std::vector<int>> order;
  Constraint constraint;

  bool binds_each(const std::string& name) const { return std::find(each.begin(), each.end(), name) != each.end(); }

  // The symbols that its sizes are computed from.
  std::set<std::string> symbols() const {
    std::set<std::string> found;
    if (op == Op::where) found = constraint.symbols();
    if (op == Op::equal) dim.size->symbols(found);
    for (const Dim& one : factors) {
      if (one.size) one.size->symbols(found);
    }
    return found;
  }
};

class Plan {
 public:
  std::size_t sites = 0;
  std::size_t first_result = 0;
  std::vector<Step> before;
  std::vector<Step> after;

  static Plan read(const Json& data) {
    Plan plan;
    plan.sites = data.at("sites").list().size();
    if (plan.sites > most_sites) throw Malformed("has too many tensors in its plan");
    plan.first_result = static_cast<std::size_t>(data.at("first_result").integer(0, static_cast<Int>(plan.sites)));
    const std::size_t steps = data.at("before").list().size() + data.at("after").list().size();
    if (steps > most_steps) throw Malformed("has too many steps in its plan");
    std::vector<int> ranks(plan.sites, -1);
    for (const Json& one : data.at("before").list()) plan.before.push_back(read_step(one, plan.first_result, ranks));
    for (const Json& one : data.at("after").list()) plan.after.push_back(read_step(one, plan.sites, ranks));
    return plan;
  }

  // The attribute paths that the checks read.
  std::set<std::string> attributes() const {
    std::set<std::string> found;
    for (const auto* steps : {&before, &after}) {
      for (const Step& one : *steps) {
        for (const std::string& symbol : one.symbols()) {
          if (is_attribute(symbol)) found.insert(symbol);
        }
      }
    }
    return found;
  }

 private:
  static constexpr std::size_t most_sites = 10'000;
  static constexpr std::size_t most_steps = 20'000;
  static constexpr Int most_axes = 1000;

  static Step read_step(const Json& data, std::size_t sites, std::vector<int>& ranks) {
    Step step;
    const Json& site = data.at("site");
    if (!site.is(Json::Kind::null)) step.site = static_cast<int>(site.integer(0, static_cast<Int>(sites) - 1));
    for (const Json& one : data.at("each").list()) step.each.push_back(one.string());
    const std::string& op = data.at("op").string();
    if (step.site < 0 && op != "where") throw Malformed("has a step without a site that is no constraint");
    if (op == "rank") {
      step.count = static_cast<int>(data.at("rank").integer(0, most_axes));
      step.at_least = data.at("at_least").boolean();
      // The rank is held before anything else: it says which axes there are.
      int& rank = ranks[static_cast<std::size_t>(step.site)];
      rank = std::max(rank, step.count);
    } else if (op == "equal") {
      step.op = Step::Op::equal;
      step.dim.name = name(data.at("dim"));
      step.dim.size = Size::read(data.at("size"));
      step.dim.broadcast = data.at("broadcast").boolean();
      step.axis = axis(data, ranks[at(step)]);
    } else if (op == "bind") {
      step.op = Step::Op::bind;
      step.dim.name = data.at("dim").string();
      step.dim.broadcast = data.at("broadcast").boolean();
      step.dim.each = data.at("per_element").boolean();
      step.axis = axis(data, ranks[at(step)]);
    } else if (op == "flattened") {
      step.op = Step::Op::flattened;
      for (const Json& one : data.at("factors").list()) step.factors.push_back(dim(one));
      step.axis = axis(data, ranks[at(step)]);
    } else if (op == "group" || op == "place") {
      step.op = op == "group" ? Step::Op::group : Step::Op::place;
      step.start = static_cast<int>(data.at("start").integer(0, most_axes));
      step.behind = static_cast<int>(data.at("behind").integer(0, most_axes));
      step.group = group(data.at(op == "group" ? "group" : "before"));
      if (op == "place") {
        for (const Json& one : data.at("middle").list()) step.factors.push_back(dim(one));
        step.after = group(data.at("after"));
      }
      const std::size_t taken = static_cast<std::size_t>(step.start + step.behind) + step.factors.size();
      if (ranks[at(step)] < 0 || taken > static_cast<std::size_t>(ranks[at(step)])) {
        throw Malformed("has a step of axes that its tensor may lack");
      }
    } else if (op == "memory-format") {
      step.op = Step::Op::format;
      step.format = data.at("format").string();
      if (!data.at("order").is(Json::Kind::null)) step.order = order(data.at("order"), ranks[at(step)]);
    } else if (op == "where") {
      step.op = Step::Op::where;
      step.constraint = Constraint::read(data.at("constraint"));
    } else {
      throw Malformed("has a step of an unknown kind, '" + one_line(op, 40) + "'");
    }
    return step;
  }

  static std::size_t at(const Step& step) { return static_cast<std::size_t>(step.site); }

  static std::optional<std::string> name(const Json& data) {
    if (data.is(Json::Kind::null)) return std::nullopt;
    return data.string();
  }

  static int axis(const Json& data, int rank) {
    const Int found = data.at("axis").integer(-most_axes, most_axes);
    if (found >= rank || found < -rank) throw Malformed("has a step of an axis that its tensor may lack");
    return static_cast<int>(found);
  }

  static std::vector<int> order(const Json& data, int rank) {
    std::vector<int> axes;
    for (const Json& one : data.list()) axes.push_back(static_cast<int>(one.integer(0, most_axes)));
    std::vector<int> sorted = axes;
    std::sort(sorted.begin(), sorted.end());
    for (std::size_t at = 0; at < sorted.size(); ++at) {
      if (sorted[at] != static_cast<int>(at)) throw Malformed("has a memory format that does not name every axis once");
    }
    if (static_cast<int>(axes.size()) > rank) throw Malformed("has a memory format of axes that its tensor may lack");
    return axes;
  }

  static Dim dim(const Json& data) {
    Dim found;
    found.name = name(data.at("dim"));
    if (!data.at("size").is(Json::Kind::null)) found.size = Size::read(data.at("size"));
    found.broadcast = data.at("broadcast").boolean();
    found.each = data.at("per_element").boolean();
    return found;
  }

  static Group group(const Json& data) {
    return {name(data.at("group")), data.at("broadcast").boolean(), data.at("per_element").boolean()};
  }
};

}  // namespace namedtorch::detail
