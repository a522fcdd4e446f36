#pragma once

#include <cstddef>
#include <vector>

namespace vigil {

/// A first-in first-out queue over storage of fixed size: after construction nothing is allocated. The caller
/// keeps within the capacity; not thread-safe.
template <class T>
class Ring {
 public:
  explicit Ring(size_t capacity) : items_(capacity) {}

  bool empty() const noexcept { return size_ == 0; }
  size_t size() const noexcept { return size_; }
  size_t capacity() const noexcept { return items_.size(); }

  void PushBack(const T& item) noexcept {
    items_[(first_ + size_) % items_.size()] = item;
    ++size_;
  }

  T PopFront() noexcept {
    const T item = items_[first_];
    first_ = (first_ + 1) % items_.size();
    --size_;
    return item;
  }

 private:
  std::vector<T> items_;
  size_t first_ = 0;
  size_t size_ = 0;
};

}  // namespace vigil
