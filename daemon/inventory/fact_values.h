#pragma once

#include <cstddef>
#include <initializer_list>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "daemon/inventory/fields.h"

namespace parc::inventory {

// Values by field, used like a map whose keys are fields: an absent value is none. One block of
// memory, where a map has a node for each of the forty facts of a report, and three sheets of them
// meet in every check-in.
class FactValues {
  template <typename Held>
  class Iterator;

 public:
  template <typename Held>
  struct Entry {
    FieldId first;
    Held& second;
    const Entry* operator->() const { return this; }
  };
  using iterator = Iterator<Value>;
  using const_iterator = Iterator<const Value>;

  FactValues() = default;
  FactValues(std::initializer_list<std::pair<FieldId, Value>> values) {
    for (const auto& [id, value] : values) (*this)[id] = value;
  }

  iterator begin() { return iterator(*this, 0).Settle(); }
  iterator end() { return iterator(*this, slots_.size()); }
  const_iterator begin() const { return const_iterator(*this, 0).Settle(); }
  const_iterator end() const { return const_iterator(*this, slots_.size()); }

  const_iterator find(FieldId id) const {
    return const_iterator(*this, contains(id) ? IndexOf(id) : slots_.size());
  }
  bool contains(FieldId id) const {
    return IndexOf(id) < slots_.size() && IsThere(slots_[IndexOf(id)]);
  }
  const Value& at(FieldId id) const {
    if (!contains(id)) throw std::out_of_range("no such fact");
    return slots_[IndexOf(id)];
  }
  Value& operator[](FieldId id) {
    if (slots_.empty()) slots_.resize(Fields().size());
    return slots_[IndexOf(id)];
  }
  // Keeps a value that is there.
  void emplace(FieldId id, Value value) {
    Value& slot = (*this)[id];
    if (!IsThere(slot)) slot = std::move(value);
  }
  void erase(FieldId id) {
    if (!slots_.empty()) slots_[IndexOf(id)] = Value();
  }
  std::size_t size() const {
    std::size_t count = 0;
    for (const Value& slot : slots_) count += IsThere(slot) ? 1 : 0;
    return count;
  }
  bool empty() const { return begin() == end(); }

  template <typename Condition>
  void EraseIf(Condition condition) {
    for (std::size_t i = 0; i < slots_.size(); ++i) {
      if (IsThere(slots_[i]) && condition(slots_[i])) slots_[i] = Value();
    }
  }

  bool operator==(const FactValues& other) const {
    if (slots_.empty() || other.slots_.empty()) return empty() && other.empty();
    return slots_ == other.slots_;
  }

 private:
  static std::size_t IndexOf(FieldId id) { return static_cast<std::size_t>(id); }
  static bool IsThere(const Value& value) { return !std::holds_alternative<std::monostate>(value); }

  std::vector<Value> slots_;  // by FieldId; none until the first value

  template <typename Held>
  class Iterator {
   public:
    using Owner = std::conditional_t<std::is_const_v<Held>, const FactValues, FactValues>;

    Iterator(Owner& owner, std::size_t index) : owner_(&owner), index_(index) {}
    Iterator Settle() {
      while (index_ < owner_->slots_.size() && !IsThere(owner_->slots_[index_])) ++index_;
      return *this;
    }
    Entry<Held> operator*() const { return {static_cast<FieldId>(index_), owner_->slots_[index_]}; }
    Entry<Held> operator->() const { return **this; }
    Iterator& operator++() {
      ++index_;
      Settle();
      return *this;
    }
    bool operator==(const Iterator& other) const { return index_ == other.index_; }

   private:
    Owner* owner_;
    std::size_t index_;
  };
};

}  // namespace parc::inventory
