#pragma once

#include <linux/netlink.h>

#include <cstring>
#include <functional>
#include <string>
#include <string_view>

// Messages of the kernel's netlink sockets, in their alignment and the machine's byte order. What
// is read may be cut off or wrong: reading then ends.
namespace parc::agent {

// The value at the beginning of `bytes`, which hold one.
template <typename T>
T Load(std::string_view bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

template <typename T>
void Append(std::string& bytes, const T& value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

// Calls `each` with the type, without its flags, and the value of every attribute.
void ReadAttributes(std::string_view bytes,
                    const std::function<void(int type, std::string_view value)>& each);

// Calls `each` with every message of `dump` and what follows its header.
void ReadMessages(std::string_view dump,
                  const std::function<void(const nlmsghdr& head, std::string_view body)>& each);

}  // namespace parc::agent
