// The guard of one method: a signature, its plan, and what holds a call to both.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <ATen/core/ivalue.h>

#include <namedtorch/error.hpp>
#include <namedtorch/explain.hpp>
#include <namedtorch/fast.hpp>
#include <namedtorch/hint.hpp>
#include <namedtorch/plan.hpp>

namespace namedtorch::detail {

class Guard {
 public:
  // Reads a signature and its plan as a manifest holds them; `label` is what errors call the method. Throws Malformed.
  Guard(const Json& signature, const Json& plan, std::string label)
      : label_(std::move(label)),
        signature_(described(Signature::read(signature), Plan::read(plan))),
        plan_(Plan::read(plan)),
        fast_(signature_, plan_) {}

  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;

  const Signature& signature() const { return signature_; }
  const std::string& label() const { return label_; }

  // One call. The arguments, one for each parameter in order, have to outlive it.
  class Call {
   public:
    Call(const Guard& guard, c10::ArrayRef<const c10::IValue*> values) : guard_(guard), values_(values) {}

    // Throws DimError for arguments that do not fit.
    void arguments() {
      if (guard_.fast_.usable() && guard_.fast_.arguments(guard_.signature_, values_, bound_)) return;
      explain();
    }

    // Throws DimError for a result that does not fit.
    void result(const c10::IValue& value) {
      if (!explanation_) {
        if (guard_.fast_.result(guard_.signature_, value, bound_)) return;
        explain();
      }
      if (!explanation_->result(value)) throw explanation_->error(guard_.label_);
    }

   private:
    void explain() {
      Values named;
      for (std::size_t at = 0; at < values_.size(); ++at) {
        named.emplace_back(guard_.signature_.parameters[at].name, values_[at]);
      }
      explanation_.emplace(guard_.signature_, guard_.plan_, std::move(named));
      if (!explanation_->arguments()) throw explanation_->error(guard_.label_);
    }

    const Guard& guard_;
    c10::ArrayRef<const c10::IValue*> values_;
    Bound bound_;
    std::optional<Explanation> explanation_;
  };

 private:
  // The signature with what the steps of the plan say of the axes of its tensors: a plan needs no parser.
  static Signature described(Signature signature, const Plan& plan) {
    std::vector<Shape*> shapes;
    const auto collect = [&](Hint& tensor) { shapes.push_back(&tensor.shape); };
    for (Parameter& one : signature.parameters) one.hint.tensors(collect);
    const std::size_t first_result = shapes.size();
    signature.result.tensors(collect);
    if (shapes.size() != plan.sites || first_result != plan.first_result) {
      throw Malformed("is not the plan of its signature");
    }
    for (const auto* steps : {&plan.before, &plan.after}) {
      for (const Step& step : *steps) {
        if (step.site >= 0) describe(*shapes[static_cast<std::size_t>(step.site)], step);
      }
    }
    return signature;
  }

  static void describe(Shape& shape, const Step& step) {
    if (step.op == Step::Op::rank) shape.each = step.each;
    if (step.op != Step::Op::equal && step.op != Step::Op::bind) return;
    const int count = static_cast<int>(shape.axes.size());
    const int place = step.axis >= 0 ? step.axis : count + step.axis;
    if (place < 0 || place >= count) return;
    Dim& dim = shape.axes[static_cast<std::size_t>(place)].dim;
    // `foo=bar` binds `bar` as well: the check of its size says what the axis is.
    if (step.op == Step::Op::bind && dim.size) return;
    dim.name = step.dim.name;
    dim.size = step.dim.size;
  }

  std::string label_;
  Signature signature_;
  Plan plan_;
  FastPlan fast_;
};

}  // namespace namedtorch::detail
